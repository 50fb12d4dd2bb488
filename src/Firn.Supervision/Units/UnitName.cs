using System.Text;

namespace Firn.Supervision.Units;

/// <summary>What a unit may be called, and what its directory is called then.</summary>
public static class UnitName
{
    public const int Longest = 200;
    public const string Expected = "up to 200 letters, digits and any of .-_@:+!$|/ without spaces";

    public static bool IsValid(string name)
    {
        if (name.Length is 0 or > Longest || name is "." or ".." || name[0] == '-') return false;
        foreach (var c in name)
            if (!char.IsAsciiLetterOrDigit(c) && !".-_@:+!$|/".Contains(c, StringComparison.Ordinal)) return false;
        return true;
    }

    /// <summary><c>worker@</c> for <c>worker@3</c>; null for what is no instance.</summary>
    public static string? TemplateOf(string name) =>
        name.IndexOf('@') is var at && at > 0 && at < name.Length - 1 ? name[..(at + 1)] : null;

    public static bool IsTemplate(string name) => name.EndsWith('@');

    /// <summary>What stands after the @; empty without one.</summary>
    public static string InstanceOf(string name) => name.IndexOf('@') is var at && at >= 0 ? name[(at + 1)..] : "";

    /// <summary>As the name of a directory: <c>/</c>, <c>%</c>, a dot in front and control characters percent-encoded.</summary>
    public static string Encode(string name)
    {
        if (name[0] != '.' && name.AsSpan().IndexOfAny('/', '%') < 0) return name;
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
            if (name[i] is '/' or '%' || name[i] < ' ' || (i == 0 && name[i] == '.')) text.Append('%').Append(((int)name[i]).ToString("X2"));
            else text.Append(name[i]);
        return text.ToString();
    }

    public static string Decode(string directory) =>
        directory.Contains('%') ? Uri.UnescapeDataString(directory) : directory;
}
