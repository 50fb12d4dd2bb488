using System.CommandLine;
using System.Text;
using Firn.Linux.Cryptography;
using Firn.Linux.Files;
using Firn.Machine.Overlays;

namespace Firn.Cli.Commands.Overlay;

internal static class OverlayKeyCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "The private key, for the machine alone; the public one gets .pub behind its name" };
        var command = new Command("key", "Make a key that overlays can be encrypted to") { file };
        command.SetAction(parsed =>
        {
            var target = parsed.GetValue(file)!;
            using var key = ExchangeKey.Generate();
            using (var created = RawFiles.Create(RawPath.From(target.FullName))) RandomAccess.Write(created, Encoding.ASCII.GetBytes(key.ToPem()), 0);
            File.WriteAllText($"{target.FullName}.pub", key.PublicPem());
            parsed.InvocationConfiguration.Output.WriteLine($"{target}.pub: key {OverlaySeal.NameOf(key.PublicKey())}");
        });
        return command;
    }
}
