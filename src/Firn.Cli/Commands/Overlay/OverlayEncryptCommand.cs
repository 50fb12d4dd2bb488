using System.CommandLine;
using System.Security.Cryptography;
using Firn.Cli.Rendering;
using Firn.Formats.Overlays;
using Firn.Linux.Cryptography;
using Firn.Machine.Overlays;

namespace Firn.Cli.Commands.Overlay;

internal static class OverlayEncryptCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "The overlay; sign it afterwards" };
        var to = new Option<FileInfo[]>("--to") { Description = "Public key (PEM, X25519) of a machine that may open it; may be given several times", HelpName = "KEY" };
        var passphrase = OverlayOptions.Passphrase("File whose first line is a passphrase: encrypts as openssl enc -aes-256-cbc -pbkdf2 does");
        var iterations = OverlayOptions.Iterations();
        var output = OverlayOptions.Output();
        var text = new Option<bool>("--text") { Description = "Write base64, which can be pasted anywhere" };
        var command = new Command("encrypt", "Encrypt an overlay to machines' keys, or with a passphrase") { file, to, passphrase, iterations, output, text };
        command.Validators.Add(result =>
        {
            if (result.GetResult(to) is null == result.GetResult(passphrase) is null) result.AddError("expected either --to or --passphrase-file");
        });
        command.SetAction(parsed =>
        {
            var content = OverlayText.Split(OverlayOptions.Bytes(parsed.GetValue(file)!)).Content.Span;
            var encrypted = parsed.GetValue(passphrase) is { } phrase
                ? OpenSslCipher.Encrypt(content, OverlayOptions.FirstLine(phrase), RandomNumberGenerator.GetBytes(OpenSslCipher.SaltBytes), parsed.GetValue(iterations))
                : OverlaySeal.Seal(content, [.. parsed.GetValue(to)!.Select(PublicKey)]);
            if (parsed.GetValue(text)) encrypted = OverlayText.ToBase64(encrypted);
            var target = parsed.GetValue(output)!;
            File.WriteAllBytes(target.FullName, encrypted);
            parsed.InvocationConfiguration.Output.WriteLine($"{target}: {Amount.OfBytes(encrypted.Length)}, encrypted");
        });
        return command;
    }

    private static byte[] PublicKey(FileInfo file)
    {
        var pem = File.ReadAllText(file.FullName);
        if (pem.Contains("PRIVATE KEY")) throw new InvalidDataException($"{file}: is a private key, which never leaves its machine; --to takes the public one");
        try
        {
            return ExchangeKey.PublicFromPem(pem);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{file}: {error.Message}", error);
        }
    }
}
