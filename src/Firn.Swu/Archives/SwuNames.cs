namespace Firn.Swu.Archives;

/// <summary>What stands first in every file, in this order.</summary>
internal static class SwuNames
{
    public const string Description = "sw-description";
    public const string Signature = "sw-description.sig";
}
