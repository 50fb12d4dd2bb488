using Firn.Linux.Files;
using Firn.Trust.Metadata;

namespace Firn.Trust.Client;

/// <summary>
/// What a machine believes: the newest metadata of each role, byte for byte as it came. Each file is replaced whole, so a
/// power cut leaves the old or the new one. What is read back is verified again every time.
/// </summary>
public sealed class TrustStore(string directory)
{
    public string Directory => directory;

    /// <summary>Null if there is none.</summary>
    public byte[]? Read(string role)
    {
        var file = PathOf(role);
        return File.Exists(file) ? File.ReadAllBytes(file) : null;
    }

    public void Write(string role, ReadOnlySpan<byte> content) => DurableFile.Replace(PathOf(role), content);

    public void Remove(string role) => DurableFile.Remove(PathOf(role));

    private string PathOf(string role) => Path.Combine(directory, RoleNames.FileName(role));
}
