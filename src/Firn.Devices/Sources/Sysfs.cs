using System.Text;

namespace Firn.Devices.Sources;

/// <summary>What the kernel shows of devices, below <c>/sys</c> or wherever a test has put it. Nothing here throws: devices go while they are looked at.</summary>
public sealed class Sysfs(string root)
{
    private const int LongestAttribute = 4096;    // a page, as the kernel gives it

    public string Root { get; } = Path.TrimEndingDirectorySeparator(root);

    public bool Exists(string devPath) => Directory.Exists(Root + devPath);

    /// <summary>The text of an attribute without the space around it; null when there is none, or when it is no text.</summary>
    public string? Attribute(string devPath, string name)
    {
        if (name.Contains("..", StringComparison.Ordinal)) return null;
        try
        {
            using var file = File.OpenHandle($"{Root}{devPath}/{name}");
            Span<byte> buffer = stackalloc byte[LongestAttribute];
            var length = RandomAccess.Read(file, buffer, 0);
            var text = Encoding.UTF8.GetString(buffer[..length]).Trim();
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The last part of what a link such as <c>driver</c> or <c>subsystem</c> leads to.</summary>
    public string? LinkName(string devPath, string name)
    {
        try
        {
            return new FileInfo($"{Root}{devPath}/{name}").LinkTarget is { } target ? Path.GetFileName(target) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The device itself, then what it is plugged into, up to the top.</summary>
    public IEnumerable<string> Chain(string devPath)
    {
        for (var path = devPath; path.Length > "/devices".Length; path = path[..path.LastIndexOf('/')])
            if (path == devPath || File.Exists($"{Root}{path}/uevent")) yield return path;
    }

    /// <summary>The paths of all devices, each once, in the order of bytes.</summary>
    public SortedSet<string> List()
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var kind in Names($"{Root}/class"))
            foreach (var device in Names(kind)) Add(device);
        foreach (var bus in Names($"{Root}/bus"))
            foreach (var device in Names($"{bus}/devices")) Add(device);
        return found;

        void Add(string link)
        {
            try
            {
                if (Directory.ResolveLinkTarget(link, returnFinalTarget: true) is not { } target) return;
                var path = Path.GetFullPath(target.FullName);
                if (path.StartsWith(Root + "/devices/", StringComparison.Ordinal) && File.Exists($"{path}/uevent")) found.Add(path[Root.Length..]);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // gone meanwhile
            }
        }
    }

    private static string[] Names(string directory)
    {
        try
        {
            return Directory.GetFileSystemEntries(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
