using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>The first part of an attribute's name, which squashfs stores as a number. It knows three.</summary>
internal static class AttributePrefix
{
    private static readonly ByteString[] Names = ["user.", "trusted.", "security."];

    /// <summary>Number and length of the prefix; null when squashfs has none for this name.</summary>
    public static (ushort Type, int Length)? Of(ByteString name)
    {
        for (var type = 0; type < Names.Length; type++)
            if (name.Length > Names[type].Length && name.Span.StartsWith(Names[type].Span))
                return ((ushort)type, Names[type].Length);
        return null;
    }

    public static ByteString? OfType(int type) => type < Names.Length ? Names[type] : default(ByteString?);
}
