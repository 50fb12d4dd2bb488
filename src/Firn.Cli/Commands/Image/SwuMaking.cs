using System.CommandLine;
using Firn.Cli.Commands.Key;
using Firn.Linux.Cryptography;
using Firn.Swu.Building;
using Firn.Trust.Keys;

namespace Firn.Cli.Commands.Image;

/// <summary>How a file for SWUpdate is made and signed; the same for a release that is being built and for one that was.</summary>
internal sealed class SwuMaking
{
    private readonly Option<FileInfo?> _key = new("--key") { Description = "Private key that signs the .swu file", HelpName = "FILE" };
    private readonly Option<FileInfo?> _certificate = new("--certificate")
    {
        Description = "Certificate of the key: signs by CMS; without one, the key is of RSA and signs by itself (PSS)",
        HelpName = "FILE",
    };

    private readonly Option<bool> _pkcs1 = new("--pkcs1") { Description = "Sign by PKCS #1 v1.5 instead of PSS" };
    private readonly Option<bool> _unsigned = new("--unsigned") { Description = "Leave the .swu file unsigned" };
    private readonly Option<FileInfo?> _passphrase = KeyOptions.PassphraseFile();
    private readonly Option<string?> _board = new("--board") { Description = "What SWUpdate calls the machine (default: the hardware of the release)", HelpName = "NAME" };
    private readonly Option<string[]> _revisions = new("--revision")
    {
        Description = "Revision of the board that may take it; '#RE:' begins a pattern; can be given several times (default: 1.0)",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _select = new("--select")
    {
        Description = "Names of the set and of the modes for slot a and b (default: stable,copy1,copy2)",
        HelpName = "SET,A,B",
    };

    private readonly Option<bool> _compress = new("--zstd") { Description = "Compress the images in the .swu file" };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _key, _certificate, _pkcs1, _unsigned, _passphrase, _board, _revisions, _select, _compress })
            command.Add(option);
    }

    /// <exception cref="InvalidDataException">Options that do not go together, or no key.</exception>
    public SwuOptions Of(ParseResult parsed)
    {
        var names = (parsed.GetValue(_select) ?? "stable,copy1,copy2").Split(',');
        if (names.Length != 3) throw new InvalidDataException("--select takes three names, e.g. stable,copy1,copy2");
        return new()
        {
            Set = names[0],
            ModeA = names[1],
            ModeB = names[2],
            Board = parsed.GetValue(_board),
            Revisions = parsed.GetValue(_revisions) is { Length: > 0 } given ? given : ["1.0"],
            IsCompressed = parsed.GetValue(_compress),
            Sign = Signer(parsed),
        };
    }

    private Func<byte[], byte[]>? Signer(ParseResult parsed)
    {
        if (parsed.GetValue(_key) is not { } given)
            return parsed.GetValue(_unsigned) ? null : throw new InvalidDataException("a .swu file is signed: --key, with --certificate for CMS; or --unsigned");
        var file = KeyFile.Read(given.FullName);
        string Passphrase() => KeyOptions.Passphrase(file.Path, parsed.GetValue(_passphrase));
        var certificate = parsed.GetValue(_certificate) is { } path ? File.ReadAllText(path.FullName) : null;
        if (certificate is null && !parsed.GetValue(_pkcs1))
        {
            var signer = file.Open(Passphrase);
            return signer.PublicKey.SignatureScheme == SignatureScheme.RsaPss
                ? description => signer.Sign(description)
                : throw new InvalidDataException($"{file.Path}: without a certificate SWUpdate takes keys of RSA only");
        }
        if (file.PrivatePem is null) throw new InvalidDataException($"{file.Path}: a command signs by RSA-PSS only; CMS and PKCS #1 ask for the private key itself");
        var key = SigningKey.FromPem(file.PrivatePem, file.IsEncrypted ? Passphrase() : null);
        return certificate is null ? description => key.SignPkcs1(description) : description => key.SignCms(description, certificate);
    }
}
