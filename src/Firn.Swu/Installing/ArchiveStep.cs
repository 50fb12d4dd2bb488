using System.IO.Compression;
using Firn.Formats.Tar;
using Firn.Formats.Trees;
using Firn.Linux.Block;
using Firn.Linux.Compression;
using Firn.Linux.Files;
using Firn.Machine.Etc;
using Firn.Swu.Archives;
using Firn.Swu.Descriptions;

namespace Firn.Swu.Installing;

/// <summary>
/// A tar archive, plain or in gzip or zstd, that is unpacked into a directory. Each file replaces another in one step; what the
/// archive does not name stays; Firn's own state, where archives are spooled, is none of theirs. It is read as a whole before
/// anything is written, and links in the directory are not followed.
/// </summary>
internal sealed class ArchiveStep(SwuArchive archive, Artefact artefact, string path, string firnData) : IStep, IDisposable
{
    private IBlockDevice? _tar;
    private FileTree? _tree;

    public void Check(Action<string> problem, CancellationToken cancellation)
    {
        _tar = Spooled.Of(Unpack(), artefact.FileName, firnData, null, cancellation);
        try
        {
            _tree = TarReader.Read(new BlockDeviceStream(_tar), (offset, size) => new Slice(_tar, offset, size));
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{artefact.FileName}: {error.Message}", error);
        }
        var firns = Path.GetRelativePath(path, firnData);
        if (!firns.StartsWith("..", StringComparison.Ordinal) && _tree.Find(firns) is not null) problem($"{artefact.FileName}: {firns} is where Firn keeps its state, which no .swu file may write");
        Places.RequireWritable(path, artefact.MakesDirectory, what => problem($"{artefact.FileName}: {what}"));
        Compare(_tree.Root, RawPath.From(path), what => problem($"{artefact.FileName}: {what}"));
    }

    private Stream Unpack()
    {
        var plain = Payloads.Open(archive, artefact);
        if (artefact.Packing != Packing.None) return plain;
        Span<byte> head = stackalloc byte[4];
        var count = plain.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        plain.Position = 0;
        if (count == head.Length && head is [0x1f, 0x8b, ..]) return new GZipStream(plain, CompressionMode.Decompress);
        return count == head.Length && head is [0x28, 0xb5, 0x2f, 0xfd] ? new ZstdDecompressStream(plain) : plain;
    }

    /// <summary>A directory replaces nothing but a directory, and nothing else replaces one.</summary>
    private static void Compare(FileNode directory, RawPath place, Action<string> problem)
    {
        foreach (var (name, node) in directory.Children)
        {
            var path = place.Combine(name.Span);
            if (!RawFiles.Exists(path)) continue;
            var isDirectory = RawFiles.Status(path).Type == FileType.Directory;
            if (isDirectory != node.IsDirectory) problem($"{path} is {(isDirectory ? "a directory, and is to be none" : "no directory, and is to be one")}");
            else if (isDirectory) Compare(node, path, problem);
        }
    }

    public void Run(CancellationToken cancellation)
    {
        Directory.CreateDirectory(path);
        Write(_tree!.Root, RawPath.From(path), [], cancellation);
        RawFiles.SyncFileSystem(RawPath.From(path));
    }

    private static void Write(FileNode directory, RawPath place, Dictionary<FileNode, RawPath> written, CancellationToken cancellation)
    {
        foreach (var (name, node) in directory.Children)
        {
            cancellation.ThrowIfCancellationRequested();
            var path = place.Combine(name.Span);
            if (node.IsDirectory)
            {
                var isNew = !RawFiles.Exists(path);
                if (isNew) DirectoryTree.Make(node, path);
                Write(node, path, written, cancellation);
                if (isNew) DirectoryTree.Describe(node, path);
                continue;
            }
            var beside = place.Combine(System.Text.Encoding.ASCII.GetBytes($".firn-swu.{Environment.ProcessId}"));
            if (RawFiles.Exists(beside)) RawFiles.Remove(beside);
            if (written.TryGetValue(node, out var first)) RawFiles.Link(first, beside);
            else
            {
                DirectoryTree.Make(node, beside);
                DirectoryTree.Describe(node, beside);
            }
            RawFiles.Rename(beside, path);
            if (RawFiles.Exists(beside)) RawFiles.Remove(beside);    // rename(2): two names of one file stay two
            written.TryAdd(node, path);
        }
    }

    public void Dispose() => _tar?.Dispose();

    private sealed class Slice(IBlockDevice tar, long start, long sizeBytes) : FileContent
    {
        public override long SizeBytes => sizeBytes;

        public override void Read(long offset, Span<byte> destination) => tar.Read(start + offset, destination);
    }
}
