namespace Firn.Swu.Signatures;

/// <summary>A .swu file that nobody signed who counts here: nothing of it was used.</summary>
public sealed class UntrustedSwuException(string message) : Exception(message);
