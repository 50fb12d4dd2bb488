using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Firn.Linux.Cryptography;

namespace Firn.Trust.Minisign;

/// <summary>A secret key of minisign, encrypted with a passphrase or not.</summary>
public sealed class MinisignSecretKey : IDisposable
{
    // signature, key derivation and checksum algorithms; salt, limits; then what is encrypted
    private const int SaltOffset = 6, SaltBytes = 32, OperationsOffset = 38, MemoryOffset = 46, SecretOffset = 54;
    private const int SeedBytes = 32, ChecksumBytes = 32;
    private const int SecretBytes = MinisignText.KeyIdBytes + 64 + ChecksumBytes;
    private const string Subject = "minisign secret key";

    /// <summary>What minisign asks for; more is not given.</summary>
    private const ulong MaximumMemoryBytes = 1UL << 30;

    /// <summary>Of scrypt, for new keys, as minisign itself chooses them.</summary>
    private const ulong NewOperations = 1UL << 25, NewMemoryBytes = MaximumMemoryBytes;

    private readonly SigningKey _key;
    private readonly byte[] _keyId, _secret;

    private MinisignSecretKey(byte[] secret)
    {
        _secret = secret;
        _keyId = secret[..MinisignText.KeyIdBytes];
        _key = SigningKey.FromEd25519(secret.AsSpan(MinisignText.KeyIdBytes, SeedBytes));
    }

    public string Name => MinisignText.NameOf(_keyId);

    public MinisignPublicKey PublicKey => new(_keyId, _key.RawPublicKey());

    public static MinisignSecretKey Generate()
    {
        var secret = new byte[SecretBytes];
        RandomNumberGenerator.Fill(secret.AsSpan(0, MinisignText.KeyIdBytes + SeedBytes));
        using (var key = SigningKey.FromEd25519(secret.AsSpan(MinisignText.KeyIdBytes, SeedBytes)))
            key.RawPublicKey().CopyTo(secret, MinisignText.KeyIdBytes + SeedBytes);
        return new(secret);
    }

    /// <summary>As minisign keeps it.</summary>
    /// <param name="passphrase">Null leaves it unencrypted.</param>
    public string ToText(string? passphrase)
    {
        var bytes = new byte[SecretOffset + SecretBytes];
        "Ed\0\0B2"u8.CopyTo(bytes);
        var secret = bytes.AsSpan(SecretOffset);
        _secret.CopyTo(secret);
        if (passphrase is not null)
        {
            "Sc"u8.CopyTo(bytes.AsSpan(2));
            RandomNumberGenerator.Fill(bytes.AsSpan(SaltOffset, SaltBytes));
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(OperationsOffset), NewOperations);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(MemoryOffset), NewMemoryBytes);
            Blake2b.Hash(ChecksumBytes, bytes[..2], secret[..^ChecksumBytes].ToArray()).CopyTo(secret[^ChecksumBytes..]);
            var mask = DeriveMask(bytes, passphrase);
            for (var i = 0; i < secret.Length; i++) secret[i] ^= mask[i];
        }
        return $"{MinisignText.UntrustedComment}minisign {(passphrase is null ? "" : "encrypted ")}secret key\n{Convert.ToBase64String(bytes)}\n";
    }

    /// <param name="text">The file.</param>
    /// <param name="passphrase">Asked only if the key is encrypted; null or empty for none.</param>
    /// <exception cref="InvalidDataException">Not a secret key, or another passphrase.</exception>
    public static MinisignSecretKey Read(string text, Func<string?> passphrase)
    {
        var bytes = Decode(text);
        var secret = bytes[SecretOffset..];
        // minisign writes no checksum into a key without a passphrase
        if (bytes.AsSpan(2, 2).SequenceEqual("\0\0"u8)) return new(secret);
        if (!bytes.AsSpan(2, 2).SequenceEqual("Sc"u8)) throw new InvalidDataException($"{Subject}: it is encrypted in a way that is not known");
        if (passphrase() is not { Length: > 0 } given) throw new InvalidDataException($"{Subject}: it is encrypted, and no passphrase was given");
        var mask = DeriveMask(bytes, given);
        for (var i = 0; i < secret.Length; i++) secret[i] ^= mask[i];
        var signed = secret[..^ChecksumBytes];
        if (!Blake2b.Hash(32, bytes[..2], signed).AsSpan().SequenceEqual(secret.AsSpan(signed.Length)))
            throw new InvalidDataException($"{Subject}: another passphrase, or damaged");
        return new(secret);
    }

    private static byte[] Decode(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var bytes = MinisignText.Decode(lines.ElementAtOrDefault(1) ?? "", SecretOffset + SecretBytes, Subject);
        return bytes.AsSpan().StartsWith("Ed"u8) && bytes.AsSpan(4, 2).SequenceEqual("B2"u8)
            ? bytes
            : throw new InvalidDataException($"{Subject}: it is not for Ed25519");
    }

    private static byte[] DeriveMask(byte[] bytes, string passphrase)
    {
        var operations = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(OperationsOffset));
        var memory = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(MemoryOffset));
        if (memory > MaximumMemoryBytes || operations > MaximumMemoryBytes)
            throw new InvalidDataException($"{Subject}: its passphrase needs {memory} bytes of memory, at most {MaximumMemoryBytes} are given");
        var (n, p) = ScryptCost(operations, memory);
        return Scrypt.Derive(Encoding.UTF8.GetBytes(passphrase), bytes.AsSpan(SaltOffset, SaltBytes), n, 8, p, SecretBytes);
    }

    /// <summary>Limits of operations and memory as libsodium turns them into scrypt's parameters, with r = 8.</summary>
    private static (ulong N, ulong P) ScryptCost(ulong operations, ulong memory)
    {
        operations = Math.Max(operations, 32768);
        if (operations < memory / 32) return (PowerUpTo(operations / 32), 1);
        var n = PowerUpTo(memory / 1024);
        return (n, Math.Max(1, Math.Min(operations / 4 / n, 0x3fffffff) / 8));
    }

    /// <summary>The first power of two, from 2 on, that is more than half of a number.</summary>
    private static ulong PowerUpTo(ulong maximum)
    {
        var power = 2UL;
        while (power <= maximum / 2) power <<= 1;
        return power;
    }

    /// <param name="content">Read to its end.</param>
    /// <param name="trustedComment">One line.</param>
    /// <exception cref="InvalidDataException">The comment has more than one line.</exception>
    public MinisignSignature Sign(Stream content, MinisignForm form, string trustedComment)
    {
        if (trustedComment.Any(c => c is '\n' or '\r')) throw new InvalidDataException("a trusted comment is one line");
        var value = _key.Sign(MinisignSignature.MessageOf(content, form));
        return new(
            form == MinisignForm.Prehashed, _keyId, value, trustedComment,
            _key.Sign(MinisignSignature.CommentMessage(value, trustedComment)));
    }

    public void Dispose() => _key.Dispose();
}
