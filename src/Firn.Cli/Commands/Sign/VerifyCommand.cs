using System.CommandLine;
using Firn.Trust.Minisign;

namespace Firn.Cli.Commands.Sign;

internal static class VerifyCommand
{
    public static Command Create()
    {
        var key = new Option<string>("--minisign") { Description = "Public key of minisign: its file, or the key itself (RW…)", HelpName = "KEY", Required = true };
        var signature = SignCommand.SignatureFile();
        var file = new Argument<FileInfo>("file") { Description = "What is signed" };
        var command = new Command("verify", "Verify a file that minisign, or 'firn sign', signed") { file, key, signature };
        command.SetAction(parsed =>
        {
            var (content, given) = (parsed.GetValue(file)!, parsed.GetValue(key)!);
            var publicKey = MinisignPublicKey.Read(File.Exists(given) ? File.ReadAllText(given) : given);
            var made = MinisignSignature.Read(File.ReadAllText(SignCommand.SignatureFor(content, parsed.GetValue(signature))));
            using var stream = content.OpenRead();
            publicKey.Verify(made, stream, content.Name);
            parsed.InvocationConfiguration.Output.WriteLine($"{content.Name}: signed by key {publicKey.Name}\ntrusted comment: {made.TrustedComment}");
        });
        return command;
    }
}
