namespace Firn.Dispatch.Imports;

/// <summary>Sections of keys with values, as systemd and supervisord write them.</summary>
internal static class IniText
{
    /// <param name="isContinued">Whether a backslash at its end joins a line with the next (systemd); else deeper lines continue one (supervisord).</param>
    public static List<(string Section, string Key, string Value)> Read(string text, bool isContinued)
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
            while (isContinued && line.EndsWith('\\') && i + 1 < lines.Length) line = $"{line[..^1].TrimEnd()} {lines[++i].Trim()}";
            while (!isContinued && i + 1 < lines.Length && lines[i + 1].Length > 0 && lines[i + 1][0] is ' ' or '\t') line += $" {lines[++i].Trim()}";
            var equals = line.IndexOf('=');
            if (equals <= 0) continue;
            var value = line[(equals + 1)..].Trim();
            if (!isContinued && value.IndexOf(" ;", StringComparison.Ordinal) is >= 0 and var comment) value = value[..comment].TrimEnd();
            entries.Add((section, line[..equals].Trim(), value));
        }
        return entries;
    }
}
