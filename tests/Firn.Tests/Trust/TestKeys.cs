using Firn.Linux.Cryptography;
using Firn.Trust.Keys;

namespace Firn.Tests.Trust;

/// <summary>Keys for stories: each is handed out once.</summary>
internal static class TestKeys
{
    public static IReadOnlyList<PrivateKey> Take(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => PrivateKey.Generate(SignatureScheme.EcdsaP256))];
}
