using System.Collections.Immutable;
using System.CommandLine;
using Firn.Cli.Commands.Repo;
using Firn.Cli.Rendering;
using Firn.Publishing.Drafts;
using Firn.Publishing.Roles;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Cli.Commands.Key;

/// <param name="Name">Of its file.</param>
/// <param name="Id">As metadata names it; null if only opening the file tells.</param>
/// <param name="Scheme">How it signs.</param>
/// <param name="Kind">encrypted, unencrypted, or the command that signs.</param>
/// <param name="Roles">That it may sign, in the repository that was named.</param>
internal sealed record ListedKey(string Name, string? Id, string? Scheme, string Kind, ImmutableArray<string> Roles);

internal static class KeyListCommand
{
    public static Command Create(Wiring wiring)
    {
        var keys = new KeyOptions();
        var repository = new Option<DirectoryInfo?>("--repo") { Description = "Also say which roles of this repository each may sign", HelpName = "DIR" };
        var json = Boot.BootCommands.Json();
        var command = new Command("list", "List the keys at hand") { repository, json };
        keys.AddTo(command);
        command.SetAction(parsed =>
        {
            using var ring = keys.Open(parsed);
            var roles = parsed.GetValue(repository) is { } directory ? RolesOf(directory.FullName, wiring) : [];
            var listed = ring.Files.Select(file => Describe(file, roles)).ToImmutableArray();
            Result.Print(parsed.InvocationConfiguration.Output, listed, parsed.GetValue(json), RepoJson.Default.ImmutableArrayListedKey, Lines);
        });
        return command;
    }

    private static RoleAuthority[] RolesOf(string directory, Wiring wiring)
    {
        using var editor = RepositoryEditor.Open(directory, wiring.Clock);
        var root = editor.Draft.Root;
        return [.. new[] { RoleNames.Root, RoleNames.Timestamp, RoleNames.Snapshot }.Select(role => RoleAuthority.Of(root, role)),
            .. editor.Draft.Authorities.Values.Where(role => !role.IsBin)];
    }

    private static ListedKey Describe(KeyFile file, RoleAuthority[] roles) => new(
        file.Name, file.PublicKey?.Id, file.PublicKey?.Scheme, file.Command ?? (file.IsEncrypted ? "encrypted" : "unencrypted"),
        [.. roles.Where(role => role.PublicKeys.Any(entry => entry.Key.Id == file.PublicKey?.Id)).Select(role => role.Role)]);

    private static IEnumerable<string> Lines(ImmutableArray<ListedKey> keys)
    {
        if (keys.IsEmpty) yield return "no keys; 'firn key new NAME' makes one";
        foreach (var key in keys)
            yield return $"{key.Name,-16} {RepoCommands.Short(key.Id ?? "(encrypted)"),-12}  {key.Scheme ?? "",-20} {key.Kind}{(key.Roles.IsEmpty ? "" : $"; signs {string.Join(", ", key.Roles)}")}";
    }
}
