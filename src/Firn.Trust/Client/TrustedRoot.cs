using Firn.Trust.Metadata;

namespace Firn.Trust.Client;

/// <summary>The root metadata that a machine is made with.</summary>
public static class TrustedRoot
{
    /// <exception cref="TrustException">It is none, or does not vouch for itself.</exception>
    public static RootMetadata Check(ReadOnlySpan<byte> bytes) => VerifiedRole.ReadRoot(bytes, before: null);

    /// <summary>
    /// Gives a store the root of an image, unless it holds as new a one: what was learned since is kept, and a store that is
    /// damaged begins anew.
    /// </summary>
    /// <exception cref="TrustException">The image's is none.</exception>
    public static void Seed(TrustStore store, ReadOnlySpan<byte> ofImage)
    {
        var version = Check(ofImage).Version;
        if (VersionOf(store) is not { } kept || kept < version) store.Write(RoleNames.Root, ofImage);
    }

    private static long? VersionOf(TrustStore store)
    {
        try
        {
            return store.Read(RoleNames.Root) is { } bytes ? Check(bytes).Version : null;
        }
        catch (TrustException)
        {
            return null;
        }
    }
}
