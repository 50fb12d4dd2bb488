using System.Reflection;

namespace Firn.Images.Content;

/// <summary>Files that lie beside the sources and go onto a disk or a machine: scripts, units, templates.</summary>
internal static class EmbeddedFile
{
    public static byte[] Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new ArgumentException($"no embedded file {name}", nameof(name));
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
