using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>
/// Where a small file goes among the small files: beside files of its area, the first three directories of its path,
/// and there beside files of its extension. Names that the area has several times (<c>copyright</c>) come together; the
/// others stay in path order, for what a directory holds is alike too. Similar content in one block compresses better,
/// and what one package brings stays close together.
/// </summary>
/// <param name="Area">Number of the area, in path order.</param>
/// <param name="Extension">Of the file's name.</param>
/// <param name="CommonName">The file's name; empty when no other file of the area has it.</param>
/// <param name="BeginsBlock">
/// Whether a block of small files should begin here. It depends on the path alone, so a file that grows, comes or goes
/// moves its neighbours only up to the next such place.
/// </param>
internal readonly record struct PackingKey(int Area, ByteString Extension, ByteString CommonName, bool BeginsBlock) : IComparable<PackingKey>
{
    public const int AreaDepth = 3;
    private const int BlockChance = 8;

    public static PackingKey Of(int area, ByteString name, PathHash path) =>
        new(area, ExtensionOf(name), name, (path.Value >> 32) % BlockChance == 0);

    public PackingKey WithoutName() => this with { CommonName = default };

    public int CompareTo(PackingKey other)
    {
        var byArea = Area.CompareTo(other.Area);
        var byExtension = Extension.CompareTo(other.Extension);
        return byArea != 0 ? byArea : byExtension != 0 ? byExtension : CommonName.CompareTo(other.CommonName);
    }

    // From the last dot; a name that only begins with one has none.
    private static ByteString ExtensionOf(ByteString name) =>
        name.Span.LastIndexOf((byte)'.') is var dot and > 0 ? new(name.Span[dot..]) : default;
}
