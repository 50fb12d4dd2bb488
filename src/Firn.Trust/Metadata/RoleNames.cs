namespace Firn.Trust.Metadata;

/// <summary>Names of roles: the four that every repository has, and those that targets metadata delegates to.</summary>
public static class RoleNames
{
    public const string Root = "root";
    public const string Timestamp = "timestamp";
    public const string Snapshot = "snapshot";
    public const string Targets = "targets";

    /// <summary>So that a file can be named for it, with a version before it, on every filesystem.</summary>
    private const int MaximumFileNameCharacters = 230;

    public static bool IsTopLevel(string role) => role is Root or Timestamp or Snapshot or Targets;

    /// <summary>
    /// A plain file name for the metadata of a role, without its version: percent-encoded, so that it neither leaves its
    /// directory nor ends early in a URL.
    /// </summary>
    public static string FileName(string role) => $"{Uri.EscapeDataString(role)}.json";

    /// <summary>The role as snapshot and timestamp list it.</summary>
    public static string MetaName(string role) => $"{role}.json";

    /// <exception cref="InvalidDataException">No role can be delegated to under this name.</exception>
    internal static string CheckDelegated(string role, string where)
    {
        if (role.Length == 0 || IsTopLevel(role)) throw new InvalidDataException($"{where}: no role can be delegated to as '{role}'");
        if (FileName(role).Length > MaximumFileNameCharacters)
            throw new InvalidDataException($"{where}: '{role[..40]}…' is too long a name for a role");
        return role;
    }
}
