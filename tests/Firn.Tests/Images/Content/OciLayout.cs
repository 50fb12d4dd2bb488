using System.Security.Cryptography;
using System.Text;
using Firn.Tests.Formats;

namespace Firn.Tests.Images.Content;

/// <summary>An OCI image layout in a directory, made blob by blob.</summary>
internal sealed class OciLayout
{
    public OciLayout(ScratchDirectory scratch)
    {
        Path = scratch.File("layout");
        Directory.CreateDirectory(File("blobs/sha256"));
        System.IO.File.WriteAllText(File("oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
    }

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Adds a blob and gives back its descriptor.</summary>
    public string Blob(byte[] bytes, string more = "")
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        System.IO.File.WriteAllBytes(File($"blobs/sha256/{hash}"), bytes);
        return $$"""{"digest":"sha256:{{hash}}","size":{{bytes.Length}}{{more}}}""";
    }

    public string Image(string architecture, string more, params byte[][] layers)
    {
        var config = Blob(Encoding.UTF8.GetBytes($$"""{"architecture":"{{architecture}}","os":"linux"}"""));
        var descriptors = string.Join(',', layers.Select(layer => Blob(layer)));
        return Blob(Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"config":{{config}},"layers":[{{descriptors}}]}"""), more);
    }

    public string Index(params string[] descriptors) => Blob(Encoding.UTF8.GetBytes(Manifests(descriptors)));

    public void Write(params string[] descriptors) => System.IO.File.WriteAllText(File("index.json"), Manifests(descriptors));

    public static string Tag(string name) => ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" + name + "\"}";

    public static string Platform(string architecture) => ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}";

    private static string Manifests(string[] descriptors) => $$"""{"schemaVersion":2,"manifests":[{{string.Join(',', descriptors)}}]}""";
}
