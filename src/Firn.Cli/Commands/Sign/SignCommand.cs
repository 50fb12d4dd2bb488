using System.CommandLine;
using System.Globalization;
using Firn.Cli.Commands.Key;
using Firn.Trust.Minisign;

namespace Firn.Cli.Commands.Sign;

internal static class SignCommand
{
    public static Command Create(Wiring wiring)
    {
        var key = new Option<FileInfo>("--minisign") { Description = "Secret key of minisign", HelpName = "KEY", Required = true };
        var passphrase = KeyOptions.PassphraseFile();
        var signature = SignatureFile();
        var comment = new Option<string?>("--trusted-comment") { Description = "One line that is signed too (default: time and file name, as minisign)", HelpName = "TEXT" };
        var legacy = new Option<bool>("--legacy") { Description = "Sign the file itself and not its BLAKE2b, for minisign before 0.6" };
        var file = new Argument<FileInfo>("file") { Description = "What is signed" };
        var command = new Command("sign", "Sign a file as minisign does") { file, key, passphrase, signature, comment, legacy };
        command.SetAction(parsed =>
        {
            var content = parsed.GetValue(file)!;
            var form = parsed.GetValue(legacy) ? MinisignForm.Legacy : MinisignForm.Prehashed;
            var keyFile = parsed.GetValue(key)!.FullName;
            using var secret = MinisignSecretKey.Read(
                File.ReadAllText(keyFile), () => KeyOptions.Passphrase(keyFile, parsed.GetValue(passphrase)));
            using var stream = content.OpenRead();
            var made = secret.Sign(stream, form, parsed.GetValue(comment) ?? DefaultComment(wiring.Clock, content, form));
            var output = SignatureFor(content, parsed.GetValue(signature));
            File.WriteAllText(output, made.ToText($"signature from key {secret.Name}"));
            parsed.InvocationConfiguration.Output.WriteLine($"{output}: signed by key {secret.Name}");
        });
        return command;
    }

    public static Option<FileInfo?> SignatureFile() =>
        new("--signature") { Description = "The signature (default: the file's name with .minisig)", HelpName = "FILE" };

    public static string SignatureFor(FileInfo content, FileInfo? given) => given?.FullName ?? $"{content.FullName}.minisig";

    private static string DefaultComment(TimeProvider clock, FileInfo content, MinisignForm form)
    {
        var time = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"timestamp:{time}\tfile:{content.Name}{(form == MinisignForm.Prehashed ? "\thashed" : "")}";
    }
}
