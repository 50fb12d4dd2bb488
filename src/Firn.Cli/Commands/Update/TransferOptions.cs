using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Machine.Updates;

namespace Firn.Cli.Commands.Update;

/// <summary>How much of machine and network an installation may take.</summary>
internal sealed class TransferOptions
{
    public Option<bool> DownloadOnly { get; } = new("--download-only")
    {
        Description = "Fill the idle slot, but do not try it: a later install finds everything there",
    };

    public Option<string?> LimitRate { get; } = Size("--limit-rate", "Bytes per second from the network at most, e.g. 500K", 1);

    public Option<string?> Memory { get; } = Size(
        "--memory", $"What it may take above the program itself, e.g. 8M, which means no patches (default: {InstallOptions.DefaultMemoryBytes >> 20}M)", InstallOptions.LeastMemoryBytes);

    public Option<bool> Fast { get; } = new("--fast") { Description = "Do not give way to other processes" };

    public InstallOptions Of(ParseResult parsed, int? tries) => new(
        tries, Value(parsed, Memory) ?? InstallOptions.DefaultMemoryBytes, Value(parsed, LimitRate), parsed.GetValue(DownloadOnly));

    /// <summary>e.g. <c>12.6 MB fetched, 132.0 MB from this machine's slots</c>.</summary>
    public static string Describe(ByteOrigins origins) => string.Join(", ", new[]
    {
        $"{Amount.OfBytes(origins.Source)} from the source",
        origins.Slots > 0 ? $"{Amount.OfBytes(origins.Slots)} from this machine's slots" : null,
        origins.Patches > 0 ? $"{Amount.OfBytes(origins.Patches)} patched" : null,
        origins.Kept > 0 ? $"{Amount.OfBytes(origins.Kept)} were there" : null,
    }.Where(part => part is not null));

    private static long? Value(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } text && ByteSize.TryParse(text, out var bytes) ? bytes : null;

    private static Option<string?> Size(string name, string description, long least)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "SIZE" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && (!ByteSize.TryParse(text, out var bytes) || bytes < least))
                result.AddError($"{name}: '{text}' is no size, or less than {least}");
        });
        return option;
    }
}
