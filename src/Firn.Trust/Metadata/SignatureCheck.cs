using System.Collections.Immutable;
using Firn.Trust.Keys;

namespace Firn.Trust.Metadata;

public enum SignatureVerdict
{
    Valid,

    /// <summary>The key has not signed.</summary>
    Absent,

    /// <summary>There is a signature, and it is not over these bytes by this key.</summary>
    Wrong,

    /// <summary>The role names a key that is nowhere described.</summary>
    UnknownKey,

    /// <summary>A kind of key that this version of Firn cannot verify with.</summary>
    UnsupportedKey,

    /// <summary>Another key id of this role already counted for the same key.</summary>
    SameKey,
}

/// <summary>Which of a role's keys have signed a metadata file.</summary>
/// <param name="Verdicts">One for each key of the role, in the role's order.</param>
/// <param name="Threshold">How many must be valid.</param>
public sealed record SignatureCheck(ImmutableArray<(string KeyId, SignatureVerdict Verdict)> Verdicts, int Threshold)
{
    public int ValidCount => Verdicts.Count(entry => entry.Verdict == SignatureVerdict.Valid);

    public bool IsSigned => ValidCount >= Threshold;

    /// <param name="file">What may be signed.</param>
    /// <param name="role">Whose signatures count.</param>
    /// <param name="keys">Of the metadata that names the role.</param>
    public static SignatureCheck Of(MetadataFile file, RoleKeys role, ImmutableSortedDictionary<string, PublicKey> keys)
    {
        var message = file.Signed.ToCanonicalBytes();
        var counted = new HashSet<string>();
        return new([.. role.KeyIds.Select(id => (id, Judge(id)))], role.Threshold);

        SignatureVerdict Judge(string id)
        {
            if (!keys.TryGetValue(id, out var key)) return SignatureVerdict.UnknownKey;
            if (!key.IsSupported) return SignatureVerdict.UnsupportedKey;
            if (file.Signatures.FirstOrDefault(entry => entry.KeyId == id) is not { Digits.Length: > 0 } signature)
                return SignatureVerdict.Absent;
            if (!key.Verify(message, signature.Value())) return SignatureVerdict.Wrong;
            return counted.Add(key.Public) ? SignatureVerdict.Valid : SignatureVerdict.SameKey;
        }
    }

    /// <param name="subject">The role, for the message.</param>
    /// <param name="delegator">Whose keys were asked for: <c>root</c>, or the role that delegates.</param>
    /// <exception cref="TrustException">Too few keys have signed; says what is wrong with each.</exception>
    public void Require(string subject, string delegator)
    {
        if (IsSigned) return;
        var reasons = Verdicts.Where(entry => entry.Verdict != SignatureVerdict.Valid)
            .Select(entry => $"{Short(entry.KeyId)} {Describe(entry.Verdict)}");
        throw new TrustException(
            TrustFailure.Unsigned, subject,
            $"signed by {ValidCount} of the {Threshold} keys that {delegator} asks for ({string.Join(", ", reasons)})");
    }

    private static string Short(string keyId) => keyId.Length > 12 ? keyId[..12] : keyId;

    private static string Describe(SignatureVerdict verdict) => verdict switch
    {
        SignatureVerdict.Absent => "has not signed",
        SignatureVerdict.Wrong => "has a wrong signature",
        SignatureVerdict.UnknownKey => "is not described",
        SignatureVerdict.UnsupportedKey => "is of a kind that cannot be verified",
        _ => "is another key once more",
    };
}
