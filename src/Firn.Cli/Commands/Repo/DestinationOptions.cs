using System.CommandLine;
using Firn.Publishing.Destinations;

namespace Firn.Cli.Commands.Repo;

/// <summary>Where a repository is copied to.</summary>
internal sealed class DestinationOptions(Wiring wiring)
{
    private readonly Option<string?> _endpoint = new("--endpoint") { Description = "Of an S3 store that is not Amazon's (default: AWS_ENDPOINT_URL)", HelpName = "URL" };
    private readonly Option<string?> _region = new("--region") { Description = "Of an S3 store (default: AWS_REGION, else us-east-1)" };
    private readonly Option<bool> _all = new("--check-all") { Description = "Ask for every file whether it is there, not only for those that are new" };
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace metadata that an unfinished publication from another copy left behind" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _endpoint, _region, _all, _overwrite }) command.Add(option);
    }

    public PublishOptions Read(ParseResult parsed) => new(parsed.GetValue(_all), parsed.GetValue(_overwrite));

    /// <summary>Null for nowhere.</summary>
    public IPublishDestination? OpenIfAny(ParseResult parsed, string? place) => place is null ? null : Open(parsed, place);

    /// <param name="place">A directory, or <c>s3://BUCKET/PREFIX</c>.</param>
    public IPublishDestination Open(ParseResult parsed, string place) => S3Address.Is(place)
        ? new S3Destination(
            S3Address.Parse(place, parsed.GetValue(_endpoint), parsed.GetValue(_region), Environment.GetEnvironmentVariable),
            S3Credentials.FromEnvironment(Environment.GetEnvironmentVariable), wiring.Clock)
        : DirectoryDestination.Open(Path.GetFullPath(place));
}
