using Firn.Formats.Overlays;
using Firn.Formats.Trees;
using Firn.Linux.Files;

namespace Firn.Machine.Overlays;

/// <summary>
/// Makes a plan fit an image: files go where the image's own links lead (<c>/bin</c> may be one), and a directory that the
/// image has keeps the image's owner and mode, whatever the archive says of it.
/// </summary>
public sealed class OverlayDeployment
{
    private const int MaximumLinks = 40;
    private static readonly ByteString Opaque = "trusted.overlay.opaque";

    private readonly RawPath _image;
    private readonly FileTree _layer = new();

    private OverlayDeployment(string image) => _image = RawPath.From(image);

    /// <param name="image">The root image's directory.</param>
    /// <returns>A lower directory of overlayfs.</returns>
    /// <exception cref="InvalidDataException">By way of links it delivers to a place that is not an overlay's.</exception>
    public static FileTree Fit(FileTree plan, string image)
    {
        var deployment = new OverlayDeployment(image);
        deployment.Take(deployment._layer.Root, []);
        deployment.Lay(plan.Root, []);
        OverlayRules.CheckPlaces(deployment._layer, "");
        return deployment._layer;
    }

    private void Lay(FileNode from, List<ByteString> place)
    {
        foreach (var (name, node) in from.Children)
        {
            var target = new List<ByteString>(place) { name };
            if (!node.IsDirectory)
            {
                Directory(place).Children[name] = node;
                continue;
            }
            target = Real(target);
            var known = Directory(target, node);
            if (node.Attributes.FirstOrDefault(one => one.Name == Opaque) is { } opaque)
                known.Attributes = [.. known.Attributes.Where(one => one.Name != Opaque).Append(opaque).OrderBy(one => one.Name)];
            Lay(node, target);
        }
    }

    /// <summary>The directory of the layer at a place, described as the image has it; a new one as the overlay does, or 0755.</summary>
    private FileNode Directory(List<ByteString> place, FileNode? described = null)
    {
        var node = _layer.Root;
        for (var i = 0; i < place.Count; i++)
        {
            if (node.Children.TryGetValue(place[i], out var child) && child.IsDirectory)
            {
                node = child;
                continue;
            }
            node.Children[place[i]] = child = new(FileKind.Directory);
            if (!Take(child, place[..(i + 1)]) && i == place.Count - 1 && described is not null)
            {
                (child.Mode, child.Uid, child.Gid, child.ModifiedSeconds) = (described.Mode, described.Uid, described.Gid, described.ModifiedSeconds);
                child.Attributes = described.Attributes;
            }
            node = child;
        }
        return node;
    }

    private bool Take(FileNode directory, List<ByteString> place)
    {
        if (Status(place) is not { Type: FileType.Directory } status) return false;
        (directory.Mode, directory.Uid, directory.Gid, directory.ModifiedSeconds) = (status.Mode, status.Uid, status.Gid, status.ModifiedSeconds);
        return true;
    }

    /// <summary>Where a directory is when the image's links are followed; where nothing is, where it was named.</summary>
    private List<ByteString> Real(List<ByteString> place)
    {
        var walked = new List<ByteString>();
        var pending = new Stack<ByteString>(Enumerable.Reverse(place));
        for (var links = 0; pending.TryPop(out var name);)
        {
            if (name.IsEmpty || name == ".") continue;
            if (name == "..")
            {
                if (walked.Count > 0) walked.RemoveAt(walked.Count - 1);
                continue;
            }
            walked.Add(name);
            if (Status(walked) is not { Type: FileType.Symlink }) continue;
            if (++links > MaximumLinks) throw new InvalidDataException($"overlay: {string.Join('/', place)} lies beyond too many links of the image");
            var target = RawFiles.ReadLink(PathOf(walked));
            if (target.AsSpan().StartsWith("/"u8)) walked.Clear();
            else walked.RemoveAt(walked.Count - 1);
            var parts = new List<ByteString>();
            foreach (var range in target.AsSpan().Split((byte)'/')) parts.Add(new(target.AsSpan()[range]));
            foreach (var part in Enumerable.Reverse(parts)) pending.Push(part);
        }
        return walked;
    }

    private FileStatus? Status(List<ByteString> place)
    {
        var path = PathOf(place);
        try
        {
            return RawFiles.Exists(path) ? RawFiles.Status(path) : null;
        }
        catch (Linux.ErrnoException)
        {
            return null;    // below a file: the overlay puts a directory in its place
        }
    }

    private RawPath PathOf(List<ByteString> place)
    {
        var path = _image;
        foreach (var name in place) path = path.Combine(name.Span);
        return path;
    }
}
