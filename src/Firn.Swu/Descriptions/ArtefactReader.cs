using System.Globalization;

namespace Firn.Swu.Descriptions;

/// <summary>Entries of <c>images</c>, <c>files</c> and <c>scripts</c>. What is not known of one is not passed over, but named.</summary>
internal static class ArtefactReader
{
    /// <summary>What says nothing about how it is to be installed here: all is streamed, and files are always replaced as a whole.</summary>
    private static readonly HashSet<string> Understood =
    [
        "filename", "type", "device", "path", "sha256", "compressed", "installed-directly", "offset", "name", "version", "size", "properties", "data",
        "install-if-different", "install-if-higher", "encrypted",
    ];

    private static readonly HashSet<string> Properties = ["create-destination", "atomic-install"];

    /// <param name="entry"><c>images</c>, <c>files</c> or <c>scripts</c>.</param>
    /// <param name="item">One of them.</param>
    /// <param name="collection">Gets the artefact, or what is wrong with it.</param>
    public static void Read(string entry, Setting item, Collection collection)
    {
        var file = item.Find("filename")?.Text;
        var subject = $"{entry}: {file ?? "an entry"}";
        if (item.Members is null || file is not { Length: > 0 })
        {
            collection.Problems.Add($"{subject}: has no filename{(item.Find("ref") is null ? "" : ", and refs of single entries are not followed")}");
            return;
        }
        var before = collection.Problems.Count;
        foreach (var (name, _) in item.Members)
            if (!Understood.Contains(name)) Problem($"'{name}' is not understood");
        foreach (var (name, _) in item.Find("properties")?.Members ?? [])
            if (!Properties.Contains(name)) Problem($"property '{name}' is not understood");
        foreach (var name in new[] { "install-if-different", "install-if-higher", "encrypted" })
            if (item.Find(name) is { } asked && !IsFalse(asked)) Problem($"{name} is not done here");
        var (kind, type) = (Kind(entry), TypeOf(entry, item));
        if (!IsKnown(kind, type)) Problem($"there is no handler for type '{type}'");
        var sha256 = item.Find("sha256")?.Text?.ToLowerInvariant();
        if (sha256 is not { Length: 64 } || !sha256.All(char.IsAsciiHexDigit)) Problem("sha256 is missing or wrong");
        if (kind == ArtefactKind.Script && item.Find("compressed") is { } asking && !IsFalse(asking)) Problem("compressed scripts are not run");
        var artefact = new Artefact
        {
            Kind = kind,
            FileName = file,
            Sha256 = sha256 ?? "",
            Type = type,
            Packing = PackingOf(item, Problem),
            Device = item.Find("device")?.Text,
            Path = item.Find("path")?.Text,
            Offset = OffsetOf(item, Problem),
            MakesDirectory = item.Find("properties")?.Find("create-destination") is { } make && !IsFalse(make),
            Data = item.Find("data")?.Text,
        };
        CheckPlace(artefact, Problem);
        if (collection.Problems.Count == before) collection.Artefacts.Add(artefact);

        void Problem(string what) => collection.Problems.Add($"{subject}: {what}");
    }

    private static ArtefactKind Kind(string entry) => entry switch { "images" => ArtefactKind.Image, "files" => ArtefactKind.File, _ => ArtefactKind.Script };

    /// <summary>Archives stand among images in what others make, as well as among files.</summary>
    private static bool IsKnown(ArtefactKind kind, string type) => kind switch
    {
        ArtefactKind.Image => type is "raw" or "archive",
        ArtefactKind.File => type is "rawfile" or "archive",
        _ => type is "shellscript" or "preinstall" or "postinstall",
    };

    private static string TypeOf(string entry, Setting item) =>
        item.Find("type")?.Text ?? entry switch { "images" => "raw", "files" => "rawfile", _ => "lua" };

    private static void CheckPlace(Artefact artefact, Action<string> problem)
    {
        if (artefact is { Kind: ArtefactKind.Image, Type: "raw" })
        {
            if (artefact.Device is not ['/', ..]) problem(artefact.Device is null ? "names no device" : $"device '{artefact.Device}' is not a path");
            if (artefact.Path is not null) problem("a raw image has no path");
        }
        else if (artefact.Kind != ArtefactKind.Script)
        {
            if (artefact.Device is not null) problem("files on a device of their own are not written here");
            if (artefact.Path is not ['/', ..] || artefact.Path.Split('/').Contains("..") || artefact.Path.Contains('\0'))
                problem(artefact.Path is null ? "names no path" : $"path '{artefact.Path}' is not an absolute one");
        }
    }

    private static Packing PackingOf(Setting item, Action<string> problem)
    {
        if (item.Find("compressed") is not { } compressed || IsFalse(compressed)) return Packing.None;
        if (compressed.Text == "zstd") return Packing.Zstd;
        // a plain 'true' is what older versions wrote
        if (compressed is { Boolean: true } or { Text: "zlib" or "true" }) return Packing.Zlib;
        problem($"compression '{compressed.Text ?? compressed.Kind}' is not understood");
        return Packing.None;
    }

    /// <summary>A number of bytes, or text of one with K, M or G behind.</summary>
    private static long OffsetOf(Setting item, Action<string> problem)
    {
        if (item.Find("offset") is not { } offset) return 0;
        var text = offset.Text ?? offset.Number?.ToString(CultureInfo.InvariantCulture) ?? "";
        var shift = text.Length > 0 ? text[^1] switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 } : 0;
        if (long.TryParse(shift > 0 ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue >> shift >> 1)
            return number << shift;
        problem($"offset '{text}' is not a size");
        return 0;
    }

    private static bool IsFalse(Setting setting) => setting is { Boolean: false } or { Text: "false" or "" };
}
