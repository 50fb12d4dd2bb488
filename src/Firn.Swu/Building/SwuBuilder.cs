using System.Text;
using Firn.Formats.Releases;
using Firn.Linux.Files;
using Firn.Swu.Archives;

namespace Firn.Swu.Building;

/// <summary>
/// Puts a release into one file that SWUpdate installs: boot and root image for either slot, and a signed description of both.
/// All but the signature is the same every time. docs/formats/swu.md.
/// </summary>
public static class SwuBuilder
{
    /// <param name="release">Its directory, or the manifest in it.</param>
    /// <param name="output">The file; it appears when it is whole.</param>
    /// <param name="options">How.</param>
    /// <exception cref="InvalidDataException">Not a release, or one that does not fit the format.</exception>
    public static SwuBuildResult Build(string release, string output, SwuOptions options)
    {
        var path = Directory.Exists(release) ? Path.Combine(release, ReleaseManifest.FileName) : release;
        if (new FileInfo(path) is { Exists: true, Length: > ReleaseManifest.MaximumBytes }) throw new InvalidDataException($"{path}: too large for a release manifest");
        var manifest = ReleaseManifest.Read(File.ReadAllBytes(path));
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var scratch = options.IsCompressed ? Directory.CreateDirectory($"{Path.GetFullPath(output)}.{Environment.ProcessId}.partial").FullName : null;
        try
        {
            var root = PackedImage.Of(manifest.Root, directory, scratch is null ? null : Path.Combine(scratch, "root"));
            var boot = PackedImage.Of(manifest.Boot, directory, scratch is null ? null : Path.Combine(scratch, "boot"));
            var description = Encoding.UTF8.GetBytes(DescriptionText.Write(manifest, root, boot, options));
            using var file = NewFile.Create(output);
            Write(file.Stream, manifest, description, options.Sign?.Invoke(description), [root, boot]);
            var sizeBytes = file.Stream.Length;
            file.Publish();
            return new(Path.GetFullPath(output), manifest, sizeBytes, options.Sign is not null);
        }
        finally
        {
            if (scratch is not null) Directory.Delete(scratch, recursive: true);
        }
    }

    private static void Write(Stream output, ReleaseManifest manifest, byte[] description, byte[]? signature, PackedImage[] images)
    {
        var archive = new SwuArchiveWriter(output, (uint)Math.Clamp(manifest.Build.SourceDateEpoch, 0, uint.MaxValue));
        archive.Add(SwuNames.Description, description);
        if (signature is not null) archive.Add(SwuNames.Signature, signature);
        foreach (var image in images)
        {
            using var content = new FileStream(image.File, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            archive.Add(image.Name, content, image.SizeBytes, image.Sum);
        }
        archive.End();
    }
}

/// <summary>What was made.</summary>
/// <param name="file">The file.</param>
/// <param name="release">What is in it.</param>
/// <param name="sizeBytes">Of the file.</param>
/// <param name="isSigned">Whether it has a signature.</param>
public sealed class SwuBuildResult(string file, ReleaseManifest release, long sizeBytes, bool isSigned)
{
    public string File => file;

    public override string ToString() =>
        $"{release.Name} {release.Version} for SWUpdate{(isSigned ? "" : ", unsigned")}, {sizeBytes / 1_000_000}.{sizeBytes / 100_000 % 10} MB: {file}";
}
