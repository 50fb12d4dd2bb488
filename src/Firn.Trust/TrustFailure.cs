namespace Firn.Trust;

/// <summary>Why something must not be believed.</summary>
public enum TrustFailure
{
    /// <summary>Fewer keys signed it than its threshold asks for.</summary>
    Unsigned,

    /// <summary>Its time is over: whoever answers may be holding news back.</summary>
    Expired,

    /// <summary>It is older than what was believed before.</summary>
    Rollback,

    /// <summary>It is another version than the metadata that names it says.</summary>
    WrongVersion,

    /// <summary>Its hash is not the signed one.</summary>
    WrongHash,

    /// <summary>Its size is not the signed one, or past any limit.</summary>
    WrongLength,

    /// <summary>It is another role than asked for.</summary>
    WrongRole,

    /// <summary>It is neither metadata nor what metadata may say.</summary>
    Malformed,

    /// <summary>Metadata that must be there is not listed.</summary>
    Missing,

    /// <summary>No role that may speak for this target lists it.</summary>
    UnknownTarget,

    /// <summary>There is nothing to begin with: no root was given.</summary>
    NoRoot,
}
