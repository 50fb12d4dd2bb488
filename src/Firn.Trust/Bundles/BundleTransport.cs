using Firn.Formats.Tar;
using Firn.Formats.Trees;
using Firn.Trust.Transports;

namespace Firn.Trust.Bundles;

/// <summary>
/// A repository, or a part of one, in a single file. Nothing is unpacked: metadata and targets are read where they are. What
/// is in it is believed as from any other source.
/// </summary>
public sealed class BundleTransport : ITransport
{
    /// <summary>No bundle has more files; a longer table is an attack on memory.</summary>
    private const int MaximumFiles = 100_000;

    private readonly Dictionary<string, (long Offset, long SizeBytes)> _files;

    private BundleTransport(string path, Dictionary<string, (long Offset, long SizeBytes)> files, BundleFormat format) =>
        (Name, _files, Format) = (path, files, format);

    public string Name { get; }

    public BundleFormat Format { get; }

    /// <exception cref="InvalidDataException">Not a bundle.</exception>
    public static BundleTransport Open(string path)
    {
        try
        {
            using var archive = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            var files = ReadTable(archive);
            if (!files.TryGetValue(BundleFormat.FileName, out var place) || place.SizeBytes > BundleFormat.MaximumBytes)
                throw new InvalidDataException($"there is no {BundleFormat.FileName} in it");
            var about = new byte[place.SizeBytes];
            archive.Position = place.Offset;
            archive.ReadExactly(about);
            return new(path, files, BundleFormat.Read(about));
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{path}: not a bundle: {error.Message}", error);
        }
    }

    private static Dictionary<string, (long Offset, long SizeBytes)> ReadTable(FileStream archive)
    {
        var files = new Dictionary<string, (long Offset, long SizeBytes)>(StringComparer.Ordinal);
        foreach (var entry in TarReader.Entries(archive))
        {
            if (entry.Kind == FileKind.Directory) continue;
            var name = entry.Name.ToString();
            if (entry.Kind != FileKind.File || entry.IsHardLink || entry.IsSparse)
                throw new InvalidDataException($"'{name}' is no plain file");
            if (files.Count == MaximumFiles) throw new InvalidDataException($"it has more than {MaximumFiles} files");
            if (!files.TryAdd(name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name, (entry.DataOffset, entry.DataSizeBytes)))
                throw new InvalidDataException($"'{name}' is in it twice");
        }
        return files;
    }

    public Task<Stream?> OpenMetadataAsync(string fileName, CancellationToken cancellation) =>
        Task.FromResult(Open($"metadata/{fileName}", 0));

    public Task<Stream?> OpenTargetAsync(string path, long offset, CancellationToken cancellation) =>
        Task.FromResult(Open($"targets/{path}", offset));

    private Stream? Open(string name, long offset) => _files.TryGetValue(name, out var place)
        ? FileSlice.Open(Name, place.Offset + offset, Math.Max(0, place.SizeBytes - offset))
        : null;

    public void Dispose() { }
}
