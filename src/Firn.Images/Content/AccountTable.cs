using System.Text;
using Firn.Formats.Trees;

namespace Firn.Images.Content;

/// <summary>
/// One of passwd(5), shadow(5), group(5) and gshadow(5): lines of fields with colons between. Lines that nobody changes
/// stay byte for byte what they were. A character here is a byte of the file.
/// </summary>
internal sealed class AccountTable
{
    private const int MaximumBytes = 16 << 20;

    private readonly string _path;
    private readonly FileNode? _file;
    private readonly List<string[]> _rows;
    private bool _isChanged;

    private AccountTable(string path, FileNode? file, List<string[]> rows) => (_path, _file, _rows) = (path, file, rows);

    public bool Exists => _file is not null;

    /// <exception cref="InvalidDataException">The file has an absurd size.</exception>
    public static AccountTable Read(FileTree tree, string path)
    {
        var file = tree.Resolve(path) is { Kind: FileKind.File } found ? found : null;
        var text = file is null ? "" : Encoding.Latin1.GetString(file.Content.ReadAll(MaximumBytes));
        return new(path, file, [.. text.Split('\n').Select(line => line.Split(':'))]);
    }

    /// <summary>The fields of the line for a name, for reading.</summary>
    public string[]? Find(string name) => _rows.Find(row => row.Length > 1 && row[0] == name);

    public string? Field(string name, int field) => Find(name) is { } row && row.Length > field ? row[field] : null;

    public void SetField(string name, int field, string value)
    {
        if (Find(name) is not { } row || row.Length <= field || row[field] == Bytes(value)) return;
        row[field] = Bytes(value);
        _isChanged = true;
    }

    public void Add(params string[] fields)
    {
        _rows.Insert(_rows[^1] is [""] ? _rows.Count - 1 : _rows.Count, [.. fields.Select(Bytes)]);    // before the last line feed
        _isChanged = true;
    }

    /// <summary>Adds a name to a field that lists names with commas between.</summary>
    public void AddMember(string name, int field, string member)
    {
        if (Field(name, field) is not { } members) return;
        var names = members.Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (!names.Contains(member)) SetField(name, field, string.Join(',', [.. names, member]));
    }

    /// <summary>The numbers in a field, of all lines that have one.</summary>
    public IEnumerable<(string Name, uint Id)> Ids(int field)
    {
        foreach (var row in _rows)
            if (row.Length > field && uint.TryParse(row[field], out var id)) yield return (row[0], id);
    }

    /// <param name="newMode">If the file did not exist.</param>
    public void WriteTo(FileTree tree, uint newMode, uint newGid, long epoch)
    {
        if (!_isChanged) return;
        var text = string.Join('\n', _rows.Select(row => string.Join(':', row)));
        if (!text.EndsWith('\n')) text += "\n";
        var file = _file ?? new FileNode(FileKind.File) { Mode = newMode, Gid = newGid };
        file.Content = FileContent.Of(Encoding.Latin1.GetBytes(text));
        file.ModifiedSeconds = epoch;
        if (_file is null) TreeEdit.Put(tree, _path, file);
    }

    private static string Bytes(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
