namespace Firn.Swu.Descriptions;

/// <summary>
/// What <c>sw-description</c> says, looked up as SWUpdate does: each entry is searched first under the board and the selection,
/// then under the selection, then under the board, then at the top; the first that is found counts.
/// </summary>
internal sealed class SoftwareDescription
{
    private const int MaximumLinks = 8;
    private static readonly string[] Entries = ["images", "files", "scripts", "bootenv"];

    private readonly Setting _software;
    private readonly string _board;

    private SoftwareDescription(Setting software, string board) => (_software, _board) = (software, board);

    /// <param name="description">The file.</param>
    /// <param name="board">What this machine is called.</param>
    /// <exception cref="InvalidDataException">Not a description.</exception>
    public static SoftwareDescription Read(ReadOnlySpan<byte> description, string board)
    {
        var software = DescriptionReader.Read(description).Find("software");
        if (software?.Members is null) throw new InvalidDataException("sw-description: has no group 'software'");
        if (software.Find("version")?.Text is null) throw new InvalidDataException("sw-description: software.version is missing, or not text");
        return new(software, board);
    }

    public string Version => _software.Find("version")!.Text!;
    public string? Text => _software.Find("description")?.Text;

    /// <summary>Whether what is installed needs no restart, as far as who made it knows.</summary>
    public bool NeedsNoRestart => _software.Find("reboot") is { Boolean: false } or { Text: "false" };

    /// <summary>What is asked for outside of any selection, and cannot be done.</summary>
    public IEnumerable<string> Problems => new[] { "embedded-script", "lua" }.Where(name => _software.Find(name) is not null)
        .Select(name => $"{name}: programs in sw-description are not run here");

    /// <summary>Sets of software and their modes, as <c>set,mode</c>.</summary>
    public List<string> Selections()
    {
        var found = new List<string>();
        foreach (var group in new[] { Find([_board]), _software })
            foreach (var (set, modes) in group?.Members ?? [])
                foreach (var (mode, _) in modes.Members ?? [])
                    if (modes.Members is not null && Entries.Any(entry => Find(group == _software ? [set, mode, entry] : [_board, set, mode, entry]) is not null)
                        && !found.Contains($"{set},{mode}")) found.Add($"{set},{mode}");
        return found;
    }

    /// <summary>The revisions of this board that may take it; null if it does not say.</summary>
    /// <param name="selection"><c>set,mode</c>; null for none.</param>
    /// <exception cref="InvalidDataException">They are not texts.</exception>
    public List<string>? Revisions(string? selection) =>
        FindEntry("hardware-compatibility", selection) is not { } found ? null
        : found.Items?.Select(item => item.Text ?? throw new InvalidDataException("sw-description: hardware-compatibility: expected texts")).ToList()
            ?? throw new InvalidDataException("sw-description: hardware-compatibility: expected a list");

    /// <param name="selection"><c>set,mode</c>; null for what stands outside of any.</param>
    public Collection Collect(string? selection)
    {
        var collection = new Collection { Name = selection ?? "all of it" };
        foreach (var entry in new[] { "images", "files", "scripts" })
            foreach (var item in Items(entry, selection, collection)) ArtefactReader.Read(entry, item, collection);
        foreach (var item in Items("bootenv", selection, collection))
            if (item.Find("name")?.Text is { Length: > 0 } name && item.Find("value") is (null or { Text: not null })) collection.Environment[name] = item.Find("value")?.Text ?? "";
            else collection.Problems.Add("bootenv: an entry without a name, or with a value that is not text");
        if (FindEntry("partitions", selection) is not null) collection.Problems.Add("partitions: partition tables and UBI volumes are not written here");
        return collection;
    }

    private List<Setting> Items(string entry, string? selection, Collection collection)
    {
        if (FindEntry(entry, selection) is not { } found) return [];
        if (found.Items is { } items) return items;
        collection.Problems.Add($"{entry}: is {found.Kind}, expected a list");
        return [];
    }

    private Setting? FindEntry(string entry, string? selection)
    {
        var names = selection?.Split(',') ?? [];
        foreach (var path in new string[][] { [_board, .. names, entry], [.. names, entry], [_board, entry], [entry] })
            if (Find(path) is { } found) return found;
        return null;
    }

    /// <summary>Walks down from the software, and where a group only says <c>ref = "#./other"</c>, along that.</summary>
    private Setting? Find(IReadOnlyList<string> names)
    {
        var walked = new List<string>();
        var pending = new Stack<string>(names.Reverse());
        var links = 0;
        while (true)
        {
            var node = Walk(walked);
            if (node?.Find("ref")?.Text is { } link)
            {
                if (++links > MaximumLinks || !link.StartsWith("#./", StringComparison.Ordinal) || walked.Count == 0)
                    throw new InvalidDataException($"sw-description: ref = \"{link}\" leads nowhere");
                // relative to the group that the linking one is in
                walked.RemoveAt(walked.Count - 1);
                foreach (var part in Enumerable.Reverse(link[3..].Split('/', StringSplitOptions.RemoveEmptyEntries))) pending.Push(part);
            }
            else if (node is null || pending.Count == 0) return node;
            if (!pending.TryPop(out var name)) return node;
            if (name == "..")
            {
                if (walked.Count == 0) throw new InvalidDataException("sw-description: a ref leads out of it");
                walked.RemoveAt(walked.Count - 1);
            }
            else if (name != ".") walked.Add(name);
        }
    }

    private Setting? Walk(List<string> names)
    {
        Setting? node = _software;
        foreach (var name in names) node = node?.Find(name);
        return node;
    }
}
