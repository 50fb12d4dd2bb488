using System.Text;

namespace Firn.Trust.Keys;

/// <summary>
/// A key that signs, as a file: its public key, and then either the private key (PKCS #8, encrypted or not) or the
/// command that signs with it. Format in <c>docs/reference/repo.md</c>.
/// </summary>
/// <param name="Path">Where it was read from, for messages.</param>
/// <param name="PublicKey">Null if the file has none beside an encrypted private key: only opening it tells.</param>
/// <param name="PrivatePem">Null for a command.</param>
/// <param name="Command">For <c>sh -c</c>; null for a private key.</param>
public sealed record KeyFile(string Path, PublicKey? PublicKey, string? PrivatePem, string? Command)
{
    public const string Extension = ".key";
    public const string PublicExtension = ".pub";

    private const string EncryptedLabel = "ENCRYPTED PRIVATE KEY";
    private const string CommandField = "sign-with:";
    private const int MaximumBytes = 64 << 10;

    /// <summary>What keys made by other tools are called; read only.</summary>
    private static readonly string[] PlainLabels = ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"];

    public bool IsEncrypted => PrivatePem?.Contains(EncryptedLabel, StringComparison.Ordinal) == true;

    /// <summary>The file's name without its ending: how people call the key.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <exception cref="InvalidDataException">Not a key file.</exception>
    public static KeyFile Read(string path)
    {
        if (new FileInfo(path).Length > MaximumBytes) throw new InvalidDataException($"{path}: too large for a key");
        var text = File.ReadAllText(path);
        var command = text.Split('\n').FirstOrDefault(line => line.StartsWith(CommandField, StringComparison.Ordinal))?[CommandField.Length..].Trim();
        var pem = PemBlock.Find(text, EncryptedLabel) ?? PlainLabels.Select(label => PemBlock.Find(text, label)).FirstOrDefault(block => block is not null);
        if (command is null == pem is null)
            throw new InvalidDataException($"{path}: expected a private key in PEM form, or a line '{CommandField} COMMAND'");
        var hasPublic = PemBlock.Find(text, "PUBLIC KEY") is not null;
        return hasPublic || command is not null
            ? new(path, PublicKeyPem.Read(text, path), pem, command)
            : new(path, null, pem, null);
    }

    /// <exception cref="IOException">A file of that name is there.</exception>
    public static void Create(string path, PrivateKey key, string? passphrase) =>
        Create(path, $"{PublicKeyPem.Write(key.PublicKey)}{key.ToPem(passphrase)}");

    /// <param name="command">For <c>sh -c</c>: gets the bytes to sign, writes the signature.</param>
    public static void Create(string path, PublicKey key, string command) =>
        Create(path, $"{PublicKeyPem.Write(key)}{CommandField} {command}\n");

    /// <summary>For its owner's eyes only, from the first moment, and never over another.</summary>
    /// <exception cref="IOException">A file of that name is there.</exception>
    public static void Create(string path, string text)
    {
#pragma warning disable CA1416 // 64-bit Linux only
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
#pragma warning restore CA1416
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    /// <param name="passphrase">Asked only if the key is encrypted.</param>
    /// <exception cref="InvalidDataException">Another passphrase, or a key that does not belong to the public key beside it.</exception>
    public ISigner Open(Func<string> passphrase)
    {
        if (Command is not null) return new CommandSigner(PublicKey!, Command, Path);
        PrivateKey key;
        try
        {
            key = PrivateKey.FromPem(PrivatePem!, IsEncrypted ? passphrase() : null);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{Path}: {(IsEncrypted ? "wrong passphrase, or " : "")}{error.Message}", error);
        }
        var belongs = PublicKey is null || key.KeyId == PublicKey.Id;
        // libcrypto does not look whether the two halves of a private key fit
        if (belongs && key.PublicKey.Verify("firn"u8, key.Sign("firn"u8))) return key;
        key.Dispose();
        if (belongs) throw new InvalidDataException($"{Path}: the private key is damaged: what it signs is not its signature");
        throw new InvalidDataException($"{Path}: the private key does not belong to the public key {PublicKey!.Id[..12]} in the same file");
    }
}
