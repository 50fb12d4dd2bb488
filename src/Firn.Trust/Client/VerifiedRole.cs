using System.Collections.Immutable;
using System.Globalization;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Trust.Client;

/// <summary>The steps that every role's metadata goes through before it is believed.</summary>
internal static class VerifiedRole
{
    /// <param name="bytes">A metadata file.</param>
    /// <param name="role">What it must be, for messages.</param>
    /// <param name="signers">Who must have signed it.</param>
    /// <param name="keys">Of those who name the signers.</param>
    /// <param name="delegator">Who names the signers, for messages.</param>
    /// <param name="read">Makes sense of what is signed.</param>
    /// <exception cref="TrustException">It is no such metadata, or not signed.</exception>
    public static T Read<T>(
        ReadOnlySpan<byte> bytes, string role, RoleKeys signers, ImmutableSortedDictionary<string, PublicKey> keys, string delegator,
        Func<JsonObject, T> read)
    {
        try
        {
            var file = MetadataFile.Read(bytes);
            SignatureCheck.Of(file, signers, keys).Require(role, delegator);
            return read(file.Signed);
        }
        catch (InvalidDataException error)
        {
            throw new TrustException(TrustFailure.Malformed, role, error.Message, error);
        }
    }

    /// <summary>Root vouches for itself, and the one before it must have vouched for it too.</summary>
    public static RootMetadata ReadRoot(ReadOnlySpan<byte> bytes, RootMetadata? before)
    {
        try
        {
            var file = MetadataFile.Read(bytes);
            if (before is not null) Check(before, $"root {before.Version.ToString(CultureInfo.InvariantCulture)}");
            var root = RootMetadata.Read(file.Signed);
            Check(root, "the root itself");
            return root;

            void Check(RootMetadata by, string name) =>
                SignatureCheck.Of(file, by.Roles[RoleNames.Root], by.Keys).Require(RoleNames.Root, name);
        }
        catch (InvalidDataException error)
        {
            throw new TrustException(TrustFailure.Malformed, RoleNames.Root, error.Message, error);
        }
    }

    /// <exception cref="TrustException">Its time is over.</exception>
    public static void RequireCurrent(RoleMetadata metadata, string role, DateTimeOffset now)
    {
        if (metadata.Expires > now) return;
        throw new TrustException(
            TrustFailure.Expired, role,
            string.Create(CultureInfo.InvariantCulture, $"version {metadata.Version} expired on {metadata.Expires:yyyy-MM-dd HH:mm:ss}Z, ")
            + string.Create(CultureInfo.InvariantCulture, $"{Age(now - metadata.Expires)} ago: the repository is not being looked after, or news is held back"));
    }

    /// <exception cref="TrustException">The bytes are not those that signed metadata means.</exception>
    public static void RequireMatch(ReadOnlySpan<byte> bytes, MetaFile expected, string role)
    {
        if (expected.SizeBytes is { } size && size != bytes.Length)
            throw new TrustException(TrustFailure.WrongLength, role, $"has {bytes.Length} bytes, expected {size}");
        if (expected.Hashes is not { } hashes) return;
        using var check = new HashCheck(hashes);
        check.Append(bytes);
        check.Require(role);
    }

    /// <exception cref="TrustException">It is another version than signed metadata means.</exception>
    public static void RequireVersion(RoleMetadata metadata, long expected, string role)
    {
        if (metadata.Version != expected)
            throw new TrustException(TrustFailure.WrongVersion, role, $"is version {metadata.Version}, expected {expected}");
    }

    private static string Age(TimeSpan time) => time switch
    {
        { TotalDays: >= 2 } => $"{(int)time.TotalDays} days",
        { TotalHours: >= 2 } => $"{(int)time.TotalHours} hours",
        _ => $"{(int)time.TotalMinutes} minutes",
    };
}
