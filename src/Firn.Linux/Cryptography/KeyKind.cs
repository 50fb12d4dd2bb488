using Firn.Linux.Interop;

namespace Firn.Linux.Cryptography;

internal static class KeyKind
{
    private const int MinimumRsaBits = 2048;
    private const string P256 = "prime256v1";

    /// <summary>How a key signs; null if it is of no kind, or too short, to be of use.</summary>
    public static SignatureScheme? SchemeOf(LibCrypto.Key key) => LibCrypto.GetKeyType(key) switch
    {
        LibCrypto.KeyType.Ec when GroupOf(key) == P256 => SignatureScheme.EcdsaP256,
        LibCrypto.KeyType.Rsa when LibCrypto.GetBits(key) >= MinimumRsaBits => SignatureScheme.RsaPss,
        LibCrypto.KeyType.Ed25519 => SignatureScheme.Ed25519,
        _ => null,
    };

    private static string? GroupOf(LibCrypto.Key key)
    {
        var name = new byte[64];
        return LibCrypto.GetGroupName(key, name, (nuint)name.Length, out var size) == 1
            ? System.Text.Encoding.ASCII.GetString(name, 0, (int)size)
            : null;
    }
}
