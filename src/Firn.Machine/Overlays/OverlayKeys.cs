using Firn.Linux.Cryptography;

namespace Firn.Machine.Overlays;

/// <summary>What encrypted overlays are opened with.</summary>
/// <param name="KeyPem">A private key of X25519; null for none.</param>
/// <param name="Passphrase">For what <c>openssl enc</c> encrypted; null for none.</param>
/// <param name="Iterations">Of PBKDF2, as <c>openssl enc -iter</c>.</param>
public sealed record OverlayKeys(string? KeyPem, string? Passphrase, int Iterations = OpenSslCipher.DefaultIterations)
{
    public static OverlayKeys None { get; } = new(null, null);

    /// <exception cref="InvalidDataException">There is none, or it is not one.</exception>
    internal ExchangeKey OpenKey() => ExchangeKey.FromPem(
        KeyPem ?? throw new InvalidDataException("encrypted overlay: this machine has no key for overlays"));

    /// <summary>Never shown: records print what is in them.</summary>
    public override string ToString() => nameof(OverlayKeys);
}
