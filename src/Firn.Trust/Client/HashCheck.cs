using System.Security.Cryptography;
using Firn.Trust.Metadata;

namespace Firn.Trust.Client;

/// <summary>Compares what goes by with the hashes it must have: all of those that can be checked.</summary>
internal sealed class HashCheck(FileHashes expected) : IDisposable
{
    private readonly IncrementalHash? _sha256 = expected.Sha256 is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash? _sha512 = expected.Sha512 is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA512);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _sha256?.AppendData(bytes);
        _sha512?.AppendData(bytes);
    }

    /// <exception cref="TrustException">A hash is another one, or there is none that can be checked.</exception>
    public void Require(string subject)
    {
        if (!expected.CanBeChecked)
            throw new TrustException(
                TrustFailure.WrongHash, subject, $"has only hashes that cannot be checked ({string.Join(", ", expected.Values.Keys)})");
        Require(subject, "SHA-256", _sha256, expected.Sha256);
        Require(subject, "SHA-512", _sha512, expected.Sha512);
    }

    private static void Require(string subject, string name, IncrementalHash? hash, string? expected)
    {
        if (hash is null) return;
        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (found != expected) throw new TrustException(TrustFailure.WrongHash, subject, $"has {name} {found}, expected {expected}");
    }

    public void Dispose()
    {
        _sha256?.Dispose();
        _sha512?.Dispose();
    }
}
