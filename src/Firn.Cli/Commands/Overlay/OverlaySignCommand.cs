using System.CommandLine;
using System.Globalization;
using Firn.Cli.Commands.Key;
using Firn.Cli.Commands.Sign;
using Firn.Formats.Overlays;
using Firn.Machine.Overlays;
using Firn.Trust.Minisign;

namespace Firn.Cli.Commands.Overlay;

internal static class OverlaySignCommand
{
    public static Command Create(Wiring wiring)
    {
        var file = new Argument<FileInfo>("file") { Description = "The overlay; a signature that is behind it already is replaced" };
        var key = new Option<FileInfo>("--minisign") { Description = "Secret key of minisign", HelpName = "KEY", Required = true };
        var passphrase = OverlayOptions.Passphrase("File whose first line is the key's passphrase");
        var output = new Option<FileInfo?>("--output", "-o") { Description = "The signed overlay (default: the file itself)", HelpName = "FILE" };
        var detached = new Option<bool>("--detached") { Description = "Write FILE.minisig as minisign does, and leave the file alone" };
        var command = new Command("sign", "Sign an overlay, with the signature behind it") { file, key, passphrase, output, detached };
        command.SetAction(parsed =>
        {
            var source = parsed.GetValue(file)!;
            var keyFile = parsed.GetValue(key)!.FullName;
            using var secret = MinisignSecretKey.Read(
                File.ReadAllText(keyFile), () => KeyOptions.Passphrase(keyFile, parsed.GetValue(passphrase)));
            var content = OverlayText.Split(OverlayOptions.Bytes(source)).Content.ToArray();
            var isDetached = parsed.GetValue(detached);
            if (!isDetached) content = OverlayText.Signable(content);
            var time = wiring.Clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            var signature = secret.Sign(new MemoryStream(content), MinisignForm.Prehashed, $"timestamp:{time}\tfile:{source.Name}\thashed")
                .ToText($"signature from key {secret.Name}");
            var target = isDetached ? SignCommand.SignatureFor(source, parsed.GetValue(output)) : (parsed.GetValue(output) ?? source).FullName;
            if (isDetached) File.WriteAllText(target, signature);
            else File.WriteAllBytes(target, OverlayTrust.Attach(content, signature));
            parsed.InvocationConfiguration.Output.WriteLine($"{target}: signed by key {secret.Name}");
        });
        return command;
    }
}
