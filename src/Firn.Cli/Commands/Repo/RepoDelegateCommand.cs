using System.CommandLine;
using System.Numerics;
using Firn.Cli.Commands.Key;
using Firn.Linux.Cryptography;
using Firn.Publishing.Drafts;
using Firn.Publishing.Roles;

namespace Firn.Cli.Commands.Repo;

internal static class RepoDelegateCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var channel = new Argument<string>("channel") { Description = "e.g. stable" };
        var keys = new Option<FileInfo[]>("--channel-key")
        {
            Description = "Who may sign it, NAME.pub or NAME.key; can be given several times (default: a key called as the channel is made)",
            HelpName = "FILE",
        };
        var threshold = new Option<int>("--threshold") { Description = "How many of them must sign", CustomParser = WholeNumber.ParsePositive, DefaultValueFactory = _ => 1, HelpName = "N" };
        var bins = new Option<int>("--hash-bins")
        {
            Description = $"Spread the listing of files over N roles, a power of two up to {1 << Channels.MaximumBinBits}: for channels with thousands of files",
            HelpName = "N",
            CustomParser = argument => WholeNumber.Parse(
                argument, count => count >= 2 && count <= 1 << Channels.MaximumBinBits && BitOperations.IsPow2(count), $"a power of two from 2 to {1 << Channels.MaximumBinBits}"),
        };
        var noPassphrase = new Option<bool>("--no-passphrase") { Description = "Leave the key that is made unencrypted" };
        var command = new Command("delegate", "Give a channel its own keys: they may sign its releases and nothing else")
        {
            channel, keys, threshold, bins, noPassphrase,
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(channel)!;
            using var editor = options.Open(parsed);
            Channels.RequireNew(editor.Draft, name);
            var files = parsed.GetValue(keys) is { Length: > 0 } given ? [.. given.Select(file => file.FullName)] : new[] { Make(parsed, options, name, parsed.GetValue(noPassphrase)) };
            var count = parsed.GetValue(bins);
            var draft = Channels.Delegate(
                editor.Draft, name, new([.. files.Select(RepoCommands.PublicKeyOf)], parsed.GetValue(threshold)), count == 0 ? 0 : BitOperations.Log2((uint)count));
            using var ring = options.Keys(parsed);
            editor.Stage(draft, ring);
            options.Print(parsed, editor, ring);
        });
        return command;
    }

    private static string Make(ParseResult parsed, RepoOptions options, string name, bool isUnencrypted)
    {
        var path = KeyNewCommand.PathOf(name, options.KeyDirectory(parsed));
        if (File.Exists(path)) throw new RepositoryRefusedException($"{path}: is there already; --channel-key {path} takes it");
        KeyNewCommand.Make(path, SignatureScheme.EcdsaP256, isUnencrypted ? null : options.NewPassphrase(parsed, path));
        parsed.InvocationConfiguration.Error.WriteLine($"made {path}");
        return path;
    }
}
