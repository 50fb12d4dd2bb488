using Firn.Formats.Boot;
using Firn.Formats.Overlays;
using Firn.Machine.Boot;

namespace Firn.Swu.Signatures;

/// <summary>Whose .swu files a machine takes, and what they may do: <c>swu.conf</c>. docs/reference/swu.md.</summary>
public sealed class SwuSettings
{
    /// <summary>In an image.</summary>
    public const string SettingsPath = "usr/lib/firn/swu.conf";

    /// <summary>Put before that by a person.</summary>
    public const string PersonsPath = "etc/firn/swu.conf";

    /// <summary>In PEM form; of signers, or of those who vouch for them.</summary>
    public required IReadOnlyList<string> Certificates { get; init; }

    /// <summary>In PEM form, of RSA; for signatures without certificates.</summary>
    public required IReadOnlyList<string> PublicKeys { get; init; }

    /// <summary>Certificates must be for code; else, for mail, where they say what they are for.</summary>
    public bool IsForCode { get; private init; }

    /// <summary>Whether programs that a file brings are run.</summary>
    public bool AllowsScripts { get; private init; }

    /// <summary>What is chosen of a file for a slot, as <c>set,mode</c>; null for what the description says goes there.</summary>
    public string? SelectionFor(Slot slot) => slot == Slot.A ? _forSlotA : _forSlotB;

    private const string Certificate = "certificate", PublicKey = "public.key", Purpose = "purpose", Scripts = "scripts", SelectA = "select.a", SelectB = "select.b";

    private string? _forSlotA, _forSlotB;

    /// <returns>Null if this machine takes no .swu files.</returns>
    /// <exception cref="InvalidDataException">Not settings.</exception>
    public static SwuSettings? Find(MachinePaths paths) => new[] { PersonsPath, SettingsPath }
        .Select(path => Path.Combine(paths.Root, path)).Where(File.Exists).Select(path => Read(path, paths.Root)).FirstOrDefault();

    /// <param name="path">Of the file.</param>
    /// <param name="root">What paths in it begin at; those without a slash, beside it.</param>
    /// <exception cref="InvalidDataException">Not settings.</exception>
    /// <exception cref="IOException">A key or certificate cannot be read.</exception>
    public static SwuSettings Read(string path, string root = "/")
    {
        var values = NamedValues.Parse(File.ReadAllText(path), path);
        var settings = new SwuSettings
        {
            Certificates = [.. values.Of(Certificate).Select(Content)],
            PublicKeys = [.. values.Of(PublicKey).Select(Content)],
            IsForCode = values.Find(Purpose) == "code",
            AllowsScripts = values.Find(Scripts) == "yes",
        };
        foreach (var one in values.All)
            if (one.Name == SelectA && IsSelection(one.Value)) settings._forSlotA = one.Value;
            else if (one.Name == SelectB && IsSelection(one.Value)) settings._forSlotB = one.Value;
            else if (one.Name is not (Certificate or PublicKey) && (one.Name, one.Value) is not ((Purpose, "mail" or "code") or (Scripts, "yes" or "no")))
                throw new InvalidDataException($"{path}: '{one.Name}={one.Value}' is not a setting");
        return settings.Certificates.Count + settings.PublicKeys.Count == 0
            ? throw new InvalidDataException($"{path}: neither a {Certificate} nor a {PublicKey}: nobody could be believed")
            : settings;

        static bool IsSelection(string text) => text.Split(',').Length == 2;
        string Content(string name) => File.ReadAllText(name.StartsWith('/') ? Path.Combine(root, name[1..]) : Path.Combine(Path.GetDirectoryName(path)!, name));
    }
}
