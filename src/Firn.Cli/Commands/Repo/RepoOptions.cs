using System.Collections.Immutable;
using System.CommandLine;
using Firn.Cli.Commands.Key;
using Firn.Cli.Rendering;
using Firn.Publishing.Care;
using Firn.Publishing.Drafts;
using Firn.Trust.Keys;

namespace Firn.Cli.Commands.Repo;

/// <param name="Role">Its name.</param>
/// <param name="Version">That is staged.</param>
/// <param name="MissingSignatures">Before it can be published.</param>
internal sealed record StagedRole(string Role, long Version, int MissingSignatures);

/// <param name="Staged">All that is staged now.</param>
internal sealed record StagedResult(ImmutableArray<StagedRole> Staged);

/// <summary>What verbs that work on a repository have in common.</summary>
internal sealed class RepoOptions(Wiring wiring)
{
    private readonly Option<DirectoryInfo?> _repository = new("--repo", "-C") { Description = "The repository (default: the current directory)", HelpName = "DIR" };
    private readonly Option<bool> _json = Boot.BootCommands.Json();
    private readonly KeyOptions _keys = new();

    public void AddTo(Command command)
    {
        command.Add(_repository);
        _keys.AddTo(command);
        command.Add(_json);
    }

    /// <summary>For a repository that is not there yet.</summary>
    public void AddKeysTo(Command command)
    {
        _keys.AddTo(command);
        command.Add(_json);
    }

    public void AddWithoutKeysTo(Command command)
    {
        command.Add(_repository);
        command.Add(_json);
    }

    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    public KeyRing Keys(ParseResult parsed) => _keys.Open(parsed);

    /// <summary>With keys that were just made, whose passphrase is known.</summary>
    public KeyRing Keys(ParseResult parsed, string? passphrase, IReadOnlySet<string> made) => _keys.Open(parsed, passphrase, made);

    public string KeyDirectory(ParseResult parsed) => _keys.DirectoryOf(parsed);

    public string NewPassphrase(ParseResult parsed, string name) => _keys.NewPassphrase(name, parsed);

    public string DirectoryOf(ParseResult parsed) => parsed.GetValue(_repository)?.FullName ?? Environment.CurrentDirectory;

    public RepositoryEditor Open(ParseResult parsed) => RepositoryEditor.Open(DirectoryOf(parsed), wiring.Clock);

    /// <summary>Changes a repository, signs with the keys at hand, and stages the result.</summary>
    public void Edit(ParseResult parsed, Func<RepositoryDraft, RepositoryEditor, RepositoryDraft> change)
    {
        using var editor = Open(parsed);
        using var ring = Keys(parsed);
        editor.Stage(change(editor.Draft, editor), ring);
        Print(parsed, editor, ring);
    }

    public void Print(ParseResult parsed, RepositoryEditor editor, KeyRing ring) => Result.Print(
        parsed.InvocationConfiguration.Output, StagedOf(editor, ring), IsJson(parsed), RepoJson.Default.StagedResult, Lines);

    public static StagedResult StagedOf(RepositoryEditor editor, KeyRing ring) => new([
        .. RepositoryStatus.Of(editor.Files.Name, editor.Draft, ring, null).Roles.Where(role => role.StagedVersion is not null)
            .Select(role => new StagedRole(role.Role, role.StagedVersion!.Value, role.MissingSignatures))]);

    public static IEnumerable<string> Lines(StagedResult result)
    {
        if (result.Staged.IsEmpty) yield return "nothing is staged";
        foreach (var role in result.Staged)
            yield return $"staged {role.Role}, version {role.Version}{(role.MissingSignatures > 0 ? $": {Count(role.MissingSignatures)} missing" : "")}";
        if (result.Staged.IsEmpty) yield break;
        yield return result.Staged.Any(role => role.MissingSignatures > 0)
            ? "machines see nothing of it until the others have signed ('firn repo sign') and it is published"
            : "machines see nothing of it until 'firn repo publish'";
    }

    private static string Count(int signatures) => signatures == 1 ? "a signature is" : $"{signatures} signatures are";
}
