using System.Collections.Immutable;
using Firn.Formats.Boot;
using Firn.Formats.Overlays;
using Firn.Machine.Boot;

namespace Firn.Swu.Signatures;

/// <summary>Whose .swu files a machine takes, and what they may do: <c>swu.conf</c>. docs/reference/swu.md.</summary>
/// <param name="Certificates">In PEM form; of signers, or of those who vouch for them.</param>
/// <param name="PublicKeys">In PEM form, of RSA; for signatures without certificates.</param>
/// <param name="IsForCode">Certificates must be for code; else, for mail, where they say what they are for.</param>
/// <param name="AllowsScripts">Whether programs that a file brings are run.</param>
/// <param name="Selections">What is chosen of a file for a slot, as <c>set,mode</c>; without one, what the description says goes there.</param>
public sealed record SwuSettings(
    ImmutableArray<string> Certificates, ImmutableArray<string> PublicKeys, bool IsForCode, bool AllowsScripts,
    ImmutableDictionary<Slot, string> Selections)
{
    /// <summary>In an image.</summary>
    public const string SettingsPath = "usr/lib/firn/swu.conf";

    /// <summary>Put before that by a person.</summary>
    public const string PersonsPath = "etc/firn/swu.conf";

    private const string Certificate = "certificate", PublicKey = "public.key", Purpose = "purpose", Scripts = "scripts", Select = "select.";

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
        var selections = ImmutableDictionary.CreateBuilder<Slot, string>();
        foreach (var one in values.All)
            if (one.Name.StartsWith(Select, StringComparison.Ordinal) && SlotNames.TryParse(one.Name[Select.Length..], out var slot) && slot != Slot.Rescue && one.Value.Split(',').Length == 2)
                selections[slot] = one.Value;
            else if (one.Name is not (Certificate or PublicKey) && (one.Name, one.Value) is not ((Purpose, "mail" or "code") or (Scripts, "yes" or "no")))
                throw new InvalidDataException($"{path}: '{one.Name}={one.Value}' is not a setting");
        var settings = new SwuSettings(
            [.. values.Of(Certificate).Select(Content)], [.. values.Of(PublicKey).Select(Content)],
            values.Find(Purpose) == "code", values.Find(Scripts) == "yes", selections.ToImmutable());
        return settings.Certificates.IsEmpty && settings.PublicKeys.IsEmpty
            ? throw new InvalidDataException($"{path}: neither a {Certificate} nor a {PublicKey}: nobody could be believed")
            : settings;

        string Content(string name) => File.ReadAllText(name.StartsWith('/') ? Path.Combine(root, name[1..]) : Path.Combine(Path.GetDirectoryName(path)!, name));
    }
}
