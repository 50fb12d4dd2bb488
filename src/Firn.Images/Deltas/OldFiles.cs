using System.Text;
using Firn.Formats.SquashFs;
using Firn.Formats.Trees;

namespace Firn.Images.Deltas;

/// <summary>The files of an old image: where their bytes are in its blocks, and which of them a new file is most like.</summary>
internal sealed class OldFiles
{
    private static readonly string[] Packings = [".xz", ".zst", ".gz"];

    private readonly Dictionary<object, List<(long FileOffset, long Place, int Length)>> _places = [];
    private readonly Dictionary<string, FileContent> _byPath = [];
    private readonly ILookup<string, (string Path, FileContent Content)> _byShape, _byName;

    public OldFiles(PackImage image)
    {
        var numbers = new Dictionary<long, int>();
        for (var i = 0; i < image.Index.Blocks.Length; i++) numbers.Add(image.Index.Blocks[i].Offset, i);
        foreach (var block in image.Blocks)
            foreach (var piece in block.Pieces)
            {
                var key = KeyOf(piece.Content);
                if (!_places.TryGetValue(key, out var places)) _places.Add(key, places = []);
                places.Add((piece.FileOffset, (long)numbers[block.Offset] * image.BlockBytes + piece.PlainOffset, piece.Length));
            }
        foreach (var (path, content) in image.Files) _byPath[path] = content;
        var all = _byPath.Select(entry => (entry.Key, entry.Value)).ToArray();
        _byShape = all.ToLookup(entry => Shape(entry.Key));
        _byName = all.ToLookup(entry => Name(entry.Key));
    }

    /// <summary>The same path; else the one that differs in numbers only; else the same name: the nearest in path, then in size.</summary>
    public FileContent? MostLike(string path, long sizeBytes)
    {
        if (_byPath.TryGetValue(path, out var same)) return same;
        var candidates = _byShape[Shape(path)].ToList();
        if (candidates.Count == 0) candidates = [.. _byName[Name(path)]];
        return candidates.OrderByDescending(candidate => CommonEnds(candidate.Path, path))
            .ThenBy(candidate => Math.Abs(candidate.Content.SizeBytes - sizeBytes)).ThenBy(candidate => candidate.Path, StringComparer.Ordinal)
            .Select(candidate => candidate.Content).FirstOrDefault();
    }

    /// <summary>A file's bytes and where they are; holes are nowhere.</summary>
    /// <exception cref="InvalidDataException">A block of the old image is damaged.</exception>
    public Reference Read(FileContent content)
    {
        var bytes = content.ReadAll();
        var places = _places.GetValueOrDefault(KeyOf(content)) ?? [];    // none of a file that is all hole
        var spans = places.OrderBy(place => place.FileOffset).Select(place => new ReferenceSpan((int)place.FileOffset, place.Place, place.Length));
        return new(bytes, spans);
    }

    /// <summary>Files with the same content have the same place.</summary>
    private static object KeyOf(FileContent content) =>
        content is SquashFsContent { Place: var place } ? (place.Block, place.Offset, content.SizeBytes) : content;

    private static string Name(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var packing = Array.Find(Packings, name.EndsWith);
        return Shape(packing is null ? name : name[..^packing.Length]);
    }

    /// <summary>Each row of digits as one sign: versions in names.</summary>
    private static string Shape(string path)
    {
        var shape = new StringBuilder(path.Length);
        foreach (var letter in path)
        {
            if (!char.IsAsciiDigit(letter)) shape.Append(letter);
            else if (shape.Length == 0 || shape[^1] != '#') shape.Append('#');
        }
        return shape.ToString();
    }

    /// <summary>Characters that are the same from the beginning, and from the end.</summary>
    private static int CommonEnds(string a, string b)
    {
        var (front, back) = (a.AsSpan().CommonPrefixLength(b), 0);
        while (front + back < Math.Min(a.Length, b.Length) && a[^(back + 1)] == b[^(back + 1)]) back++;
        return front + back;
    }
}
