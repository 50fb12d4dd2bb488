using System.Text;
using Firn.Linux.Cryptography;
using Firn.Trust.Keys;

namespace Firn.Tests.Trust.Keys;

public sealed class PublicKeyTests
{
    private static readonly byte[] Message = "what was signed"u8.ToArray();

    [Theory]
    [InlineData(SignatureScheme.EcdsaP256)]
    [InlineData(SignatureScheme.RsaPss)]
    [InlineData(SignatureScheme.Ed25519)]
    public void A_signature_is_valid_for_its_bytes_and_its_key_only(SignatureScheme scheme)
    {
        using var key = PrivateKey.Generate(scheme);
        using var other = PrivateKey.Generate(scheme);

        var signature = key.Sign(Message);

        Assert.True(key.PublicKey.Verify(Message, signature));
        Assert.False(key.PublicKey.Verify([.. Message, 0], signature));
        Assert.False(other.PublicKey.Verify(Message, signature));
        Assert.False(key.PublicKey.Verify(Message, []));
        signature[^1] ^= 1;
        Assert.False(key.PublicKey.Verify(Message, signature));
    }

    /// <summary>RFC 8032, section 7.1, test 3.</summary>
    [Fact]
    public void Ed25519_verifies_the_vector_of_its_specification()
    {
        var key = new PublicKey("ed25519", "ed25519", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
        var signature = Convert.FromHexString(
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");

        Assert.True(key.Verify([0xaf, 0x82], signature));
        Assert.False(key.Verify([0xaf, 0x83], signature));
    }

    [Theory]
    [InlineData(SignatureScheme.EcdsaP256)]
    [InlineData(SignatureScheme.RsaPss)]
    [InlineData(SignatureScheme.Ed25519)]
    public void A_private_key_is_read_back_with_its_passphrase_only(SignatureScheme scheme)
    {
        using var key = PrivateKey.Generate(scheme);

        var pem = key.ToPem("correct horse");

        Assert.StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----", pem, StringComparison.Ordinal);
        using var again = PrivateKey.FromPem(pem, "correct horse");
        Assert.Equal(key.KeyId, again.KeyId);
        Assert.Throws<InvalidDataException>(() => PrivateKey.FromPem(pem, "battery staple"));
        Assert.Throws<InvalidDataException>(() => PrivateKey.FromPem(pem, null));
        using var open = PrivateKey.FromPem(key.ToPem(null), null);
        Assert.Equal(key.KeyId, open.KeyId);
    }

    [Fact]
    public void A_key_of_an_unknown_kind_is_kept_and_verifies_nothing()
    {
        var key = new PublicKey("quantum", "quantum-512", "anything");

        Assert.False(key.IsSupported);
        Assert.False(key.Verify(Message, Encoding.ASCII.GetBytes("x")));
    }
}
