using System.Collections.Immutable;
using System.CommandLine;
using Firn.Cli.Commands.Key;
using Firn.Cli.Rendering;
using Firn.Linux.Cryptography;
using Firn.Publishing.Drafts;
using Firn.Publishing.Roles;
using Firn.Publishing.Storage;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Cli.Commands.Repo;

internal static class RepoInitCommand
{
    private static readonly string[] TopLevel = [RoleNames.Root, RoleNames.Targets, RoleNames.Snapshot, RoleNames.Timestamp];

    /// <summary>Two of three: one can be lost, and one stolen.</summary>
    private const int RootKeysMade = 3, RootThreshold = 2;

    public static Command Create(Wiring wiring)
    {
        var directory = new Argument<DirectoryInfo>("directory") { Description = "Where the repository is to be" };
        var keys = TopLevel.ToDictionary(role => role, role => new Option<FileInfo[]>($"--{role}-key")
        {
            Description = role == RoleNames.Root
                ? "A key of root, NAME.pub or NAME.key; can be given several times (default: three are made, of which two must sign)"
                : $"A key of {role}; can be given several times (default: one is made)",
            HelpName = "FILE",
        });
        var thresholds = new[] { RoleNames.Root, RoleNames.Targets }.ToDictionary(role => role, role => new Option<int?>($"--{role}-threshold")
        {
            Description = $"How many keys must sign {role} (default: {(role == RoleNames.Root ? "2, or 1 if there is only one" : "1")})",
            HelpName = "N",
            CustomParser = WholeNumber.ParsePositiveIfGiven,
        });
        var lifetimes = new Option<string[]>("--lifetime")
        {
            Description = "For how long metadata is believed: root, targets, channel, snapshot or timestamp (default: 365d, 90d, 90d, 30d, 7d), or a channel by name",
            HelpName = "ROLE=TIME",
        };
        var publishTo = new Option<string?>("--publish-to") { Description = "Where 'firn repo publish' copies to: a directory or s3://BUCKET/PREFIX", HelpName = "PLACE" };
        var noPassphrase = new Option<bool>("--no-passphrase") { Description = "Leave the keys that are made unencrypted" };
        var options = new RepoOptions(wiring);
        var command = new Command("init", "Begin a repository") { directory };
        foreach (var option in keys.Values) command.Add(option);
        foreach (var option in thresholds.Values) command.Add(option);
        foreach (var option in new Option[] { lifetimes, publishTo, noPassphrase }) command.Add(option);
        options.AddKeysTo(command);
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(directory)!.FullName;
            var settings = new RepositorySettings { PublishTo = parsed.GetValue(publishTo) };
            foreach (var text in parsed.GetValue(lifetimes) ?? []) settings = WithLifetime(settings, text);
            RepositoryEditor.RequireNone(path);
            using var ring = MakeMissing(parsed, keys, options, parsed.GetValue(noPassphrase), out var chosen);
            var roles = TopLevel.ToDictionary(role => role, role => new KeyChoice(
                chosen[role], (thresholds.TryGetValue(role, out var option) ? parsed.GetValue(option) : null) ?? DefaultThreshold(role, chosen[role].Length)));
            RepositoryEditor.Create(new DirectoryFiles(path), settings, KeyRoles.NewRoot(roles), KeyRoles.NewTargets(), wiring.Clock);
            using var editor = RepositoryEditor.Open(path, wiring.Clock);
            editor.Stage(editor.Draft, ring);
            options.Print(parsed, editor, ring);
        });
        return command;
    }

    /// <summary>Makes a key for every role that was given none; asks for one passphrase for all of them.</summary>
    private static KeyRing MakeMissing(
        ParseResult parsed, Dictionary<string, Option<FileInfo[]>> given, RepoOptions options, bool isUnencrypted,
        out Dictionary<string, ImmutableArray<PublicKey>> chosen)
    {
        var toMake = TopLevel.Where(role => parsed.GetValue(given[role]) is not { Length: > 0 })
            .ToDictionary(role => role, role => NamesOf(role).Select(name => KeyNewCommand.PathOf(name, options.KeyDirectory(parsed))).ToArray());
        if (toMake.Values.SelectMany(paths => paths).FirstOrDefault(File.Exists) is { } there)
            throw new RepositoryRefusedException($"{there}: is there already; name keys that exist with --root-key and its like, or another key directory with --keys");
        var passphrase = isUnencrypted || toMake.Count == 0 ? null : options.NewPassphrase(parsed, "all new keys");
        foreach (var file in toMake.Values.SelectMany(paths => paths))
        {
            KeyNewCommand.Make(file, SignatureScheme.EcdsaP256, passphrase);
            parsed.InvocationConfiguration.Error.WriteLine($"made {file}");
        }
        chosen = TopLevel.ToDictionary(role => role, role => (toMake.GetValueOrDefault(role) ?? [.. parsed.GetValue(given[role])!.Select(file => file.FullName)])
            .Select(RepoCommands.PublicKeyOf).ToImmutableArray());
        var made = toMake.Values.SelectMany(paths => paths).ToHashSet();
        return options.Keys(parsed, passphrase, made);
    }

    private static string[] NamesOf(string role) =>
        role == RoleNames.Root ? [.. Enumerable.Range(1, RootKeysMade).Select(number => $"{role}-{number}")] : [role];

    private static int DefaultThreshold(string role, int keys) => role == RoleNames.Root && keys > 1 ? RootThreshold : 1;

    private static RepositorySettings WithLifetime(RepositorySettings settings, string text) =>
        text.Split('=') is [{ Length: > 0 } role, var time] && Duration.TryParse(time, out var lifetime) && lifetime >= TimeSpan.FromHours(1)
            ? settings with { Lifetimes = settings.Lifetimes.SetItem(role, lifetime) }
            : throw new InvalidDataException($"--lifetime: '{text}' is wrong; expected ROLE=TIME with an hour or more, such as timestamp=7d");
}
