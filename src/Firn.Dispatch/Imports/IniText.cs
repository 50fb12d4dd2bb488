namespace Firn.Dispatch.Imports;

/// <summary>Sections of keys with values, as systemd writes them; systemd.syntax(7).</summary>
internal static class IniText
{
    public static List<(string Section, string Key, string Value)> Read(string text)
    {
        var entries = new List<(string, string, string)>();
        var section = "";
        var lines = text.Replace("\r\n", "\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] is '#' or ';') continue;
            if (line[0] == '[' && line[^1] == ']')
            {
                section = line[1..^1];
                continue;
            }
            while (line.EndsWith('\\') && i + 1 < lines.Length) line = $"{line[..^1].TrimEnd()} {lines[++i].Trim()}";
            var equals = line.IndexOf('=');
            if (equals <= 0) continue;
            entries.Add((section, line[..equals].Trim(), line[(equals + 1)..].Trim()));
        }
        return entries;
    }
}
