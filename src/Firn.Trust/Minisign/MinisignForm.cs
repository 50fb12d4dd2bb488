namespace Firn.Trust.Minisign;

public enum MinisignForm
{
    /// <summary>Over the BLAKE2b of a file: what minisign makes since 0.10.</summary>
    Prehashed,

    /// <summary>Over the file itself.</summary>
    Legacy,
}
