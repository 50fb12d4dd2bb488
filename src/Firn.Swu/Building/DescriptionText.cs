using System.Text;
using Firn.Formats.Boot;
using Firn.Formats.Releases;

namespace Firn.Swu.Building;

/// <summary>The <c>sw-description</c> of a release, in the grammar of libconfig.</summary>
internal static class DescriptionText
{
    /// <exception cref="InvalidDataException">A name that the grammar does not have.</exception>
    public static string Write(ReleaseManifest release, PackedImage root, PackedImage boot, SwuOptions options)
    {
        var board = options.Board ?? release.Hardware;
        foreach (var name in new[] { board, options.Set, options.ModeA, options.ModeB })
            if (!IsName(name)) throw new InvalidDataException($"'{name}' cannot be a name in sw-description: expected a letter, then letters, digits, '-' and '_'");
        if (options.ModeA == options.ModeB) throw new InvalidDataException($"'{options.ModeA}' cannot be the mode of both slots");
        if (options.Revisions.Count == 0) throw new InvalidDataException("at least one revision of the board must be compatible");

        var text = new StringBuilder();
        text.Append("software =\n{\n");
        text.Append($"    version = {Quote(release.Version)};\n");
        text.Append($"    description = {Quote($"{release.Name} {release.Version} for {release.Hardware}")};\n");
        text.Append($"    {board} =\n    {{\n");
        text.Append($"        hardware-compatibility = [ {string.Join(", ", options.Revisions.Select(Quote))} ];\n");
        text.Append($"        {options.Set} =\n        {{\n");
        foreach (var (mode, slot) in new[] { (options.ModeA, Slot.A), (options.ModeB, Slot.B) })
        {
            text.Append($"            {mode} =\n            {{\n                images: (\n");
            // root before boot: a boot image that can be read has its root image beside it
            Append(text, release, "root", root, DiskLayout.RootPartition(slot));
            text.Append(",\n");
            Append(text, release, "boot", boot, DiskLayout.BootPartition(slot));
            text.Append("\n                );\n            };\n");
        }
        return text.Append("        };\n    };\n};\n").ToString();
    }

    private static void Append(StringBuilder text, ReleaseManifest release, string kind, PackedImage image, string partition)
    {
        const string indent = "                        ";
        text.Append("                    {\n");
        text.Append($"{indent}name = {Quote($"{release.Name}-{kind}")};\n");
        text.Append($"{indent}version = {Quote(release.Version)};\n");
        text.Append($"{indent}filename = {Quote(image.Name)};\n");
        text.Append($"{indent}type = \"raw\";\n");
        text.Append($"{indent}device = {Quote($"/dev/disk/by-partlabel/{partition}")};\n");
        text.Append($"{indent}installed-directly = true;\n");
        if (image.Name.EndsWith(".zst", StringComparison.Ordinal)) text.Append($"{indent}compressed = \"zstd\";\n");
        text.Append($"{indent}sha256 = {Quote(image.Sha256)};\n");
        text.Append("                    }");
    }

    private static bool IsName(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";
}
