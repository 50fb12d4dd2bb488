using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Linux.Cryptography;
using Firn.Trust.Keys;
using Firn.Trust.Minisign;

namespace Firn.Cli.Commands.Key;

/// <param name="Id">As metadata names the key.</param>
/// <param name="File">Signs; to be kept safe.</param>
/// <param name="PublicFile">To be passed on.</param>
internal sealed record NewKey(string Id, string File, string PublicFile);

internal static class KeyNewCommand
{
    /// <summary>Not that of keys for metadata: those are looked for in the same directory.</summary>
    private const string MinisignExtension = ".minisign";

    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "How to call it: NAME.key and NAME.pub are made in the key directory; a path makes them there" };
        var directory = KeyOptions.Directory();
        var passphraseFile = KeyOptions.PassphraseFile();
        var noPassphrase = new Option<bool>("--no-passphrase") { Description = "Leave the key unencrypted, for machines that sign by themselves" };
        var scheme = new Option<string>("--scheme") { Description = "ecdsa-p256, rsa-pss or ed25519", DefaultValueFactory = _ => "ecdsa-p256" };
        scheme.AcceptOnlyFromAmong("ecdsa-p256", "rsa-pss", "ed25519");
        var signWith = new Option<string?>("--sign-with")
        {
            Description = "Do not make a key: COMMAND signs, for a smart card or a key service; gets the bytes on its input, writes the signature",
            HelpName = "COMMAND",
        };
        var publicKey = new Option<FileInfo?>("--public-key") { Description = "With --sign-with: its public key, as PEM", HelpName = "FILE" };
        var minisign = new Option<bool>("--minisign")
        {
            Description = $"A key of minisign, for 'firn sign': NAME{MinisignExtension} and NAME{MinisignExtension}{KeyFile.PublicExtension}",
        };
        var json = Boot.BootCommands.Json();
        var command = new Command("new", "Make a key that signs") { name, directory, passphraseFile, noPassphrase, scheme, signWith, publicKey, minisign, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(signWith) is null != result.GetValue(publicKey) is null) result.AddError("--sign-with and --public-key belong together");
            if (result.GetValue(minisign) && (result.GetValue(signWith) is not null || result.GetResult(scheme) is { Implicit: false }))
                result.AddError("--minisign: such keys have one scheme, and are files");
        });
        command.SetAction(parsed =>
        {
            var path = PathOf(parsed.GetValue(name)!, KeyOptions.DirectoryOf(parsed.GetValue(directory)));
            string? Passphrase() => parsed.GetValue(noPassphrase) ? null : KeyOptions.NewPassphrase(path, parsed.GetValue(passphraseFile));
            var made = parsed.GetValue(signWith) is { } with ? Reference(path, parsed.GetValue(publicKey)!.FullName, with)
                : parsed.GetValue(minisign) ? MakeMinisign(Path.ChangeExtension(path, null), Passphrase())
                : Make(path, SchemeOf(parsed.GetValue(scheme)!), Passphrase());
            Result.Print(parsed.InvocationConfiguration.Output, made, parsed.GetValue(json), RepoJson.Default.NewKey, Lines);
        });
        return command;
    }

    /// <summary>Makes a key and the file to pass on.</summary>
    public static NewKey Make(string path, SignatureScheme scheme, string? passphrase)
    {
        using var key = PrivateKey.Generate(scheme);
        return Write(path, key.PublicKey, () => KeyFile.Create(path, key, passphrase));
    }

    /// <param name="name">Their path, without the ending.</param>
    /// <param name="passphrase">Null for none.</param>
    private static NewKey MakeMinisign(string name, string? passphrase)
    {
        using var key = MinisignSecretKey.Generate();
        var path = name + MinisignExtension;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        KeyFile.Create(path, key.ToText(passphrase));
        File.WriteAllText(path + KeyFile.PublicExtension, key.PublicKey.ToText());
        return new(key.Name, path, path + KeyFile.PublicExtension);
    }

    private static NewKey Reference(string path, string publicFile, string command)
    {
        var key = PublicKeyPem.Read(File.ReadAllText(publicFile), publicFile);
        return Write(path, key, () => KeyFile.Create(path, key, command));
    }

    private static NewKey Write(string path, PublicKey key, Action create)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        create();
        var publicFile = Path.ChangeExtension(path, KeyFile.PublicExtension);
        File.WriteAllText(publicFile, PublicKeyPem.Write(key));
        return new(key.Id, path, publicFile);
    }

    public static string PathOf(string name, string directory)
    {
        var file = name.EndsWith(KeyFile.Extension, StringComparison.Ordinal) ? name : name + KeyFile.Extension;
        return Path.GetFullPath(name.Contains('/') ? file : Path.Combine(directory, file));
    }

    private static SignatureScheme SchemeOf(string text) => text switch
    {
        "rsa-pss" => SignatureScheme.RsaPss,
        "ed25519" => SignatureScheme.Ed25519,
        _ => SignatureScheme.EcdsaP256,
    };

    private static IEnumerable<string> Lines(NewKey key)
    {
        yield return $"{key.File}: signs; keep it safe";
        yield return $"{key.PublicFile}: to pass on; key id {key.Id}";
    }
}
