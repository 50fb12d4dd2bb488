namespace Firn.Trust.Keys;

/// <summary>A private key, wherever it is kept: in a file, on a smart card, behind a service.</summary>
public interface ISigner
{
    PublicKey PublicKey { get; }

    /// <summary>The name under which metadata lists the key; most often <see cref="PublicKey.Id"/>.</summary>
    string KeyId { get; }

    /// <exception cref="IOException">The key cannot be used now.</exception>
    byte[] Sign(ReadOnlySpan<byte> message);
}
