using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Firn.Formats.Releases;

/// <summary>One image file of a release.</summary>
/// <param name="File">Name beside the manifest; never a path.</param>
/// <param name="SizeBytes">Exact size.</param>
/// <param name="Sha256">Of the whole file, 64 lower-case hexadecimal digits.</param>
public sealed record ReleaseImage(string File, long SizeBytes, string Sha256);

/// <summary>How a release was made: what a person needs to make it again.</summary>
/// <param name="Tool">e.g. <c>firn 0.1.0</c>.</param>
/// <param name="SourceDateEpoch">Seconds since 1970 that every time stamp was clamped to.</param>
/// <param name="Inputs">Names and versions or digests of what went in: recipe, root filesystem, kernel, GRUB, zstd, …</param>
public sealed record ReleaseBuild(string Tool, long SourceDateEpoch, ImmutableSortedDictionary<string, string> Inputs);

/// <summary>
/// A version of an image for a kind of hardware. The file <c>manifest.json</c> beside the images; format in
/// <c>docs/formats/release.md</c>.
/// </summary>
public sealed record ReleaseManifest(
    int Format, string Name, string Version, string Hardware, ReleaseImage Boot, ReleaseImage Root, ReleaseBuild Build)
{
    public const string FileName = "manifest.json";
    public const int CurrentFormat = 1;

    /// <summary>Nothing a manifest says needs more; a longer one is not read.</summary>
    public const int MaximumBytes = 1 << 20;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ReleaseJson.Default.ReleaseManifest);

    /// <exception cref="InvalidDataException">Not a manifest of a format this version of Firn understands.</exception>
    public static ReleaseManifest Read(ReadOnlySpan<byte> json)
    {
        ReleaseManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(json, ReleaseJson.Default.ReleaseManifest)
                ?? throw new InvalidDataException("release manifest is null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"release manifest: {error.Message}", error);
        }
        if (manifest.Format != CurrentFormat)
            throw new InvalidDataException(
                $"release manifest has format {manifest.Format}, this firn understands {CurrentFormat}");
        CheckText("name", manifest.Name);
        CheckText("version", manifest.Version);
        CheckText("hardware", manifest.Hardware);
        CheckImage("boot", manifest.Boot);
        CheckImage("root", manifest.Root);
        return manifest;
    }

    private static void CheckText(string field, string value)
    {
        if (value.Length is 0 or > 128 || value.Any(c => c is < '!' or > '~'))
            throw new InvalidDataException($"release manifest: {field} must be 1 to 128 printable characters without spaces");
    }

    private static void CheckImage(string field, ReleaseImage image)
    {
        CheckText($"{field}.file", image.File);
        if (image.File.Contains('/') || image.File is "." or "..")
            throw new InvalidDataException($"release manifest: {field}.file '{image.File}' must be a plain file name");
        if (image.SizeBytes is <= 0 or > 1L << 40)
            throw new InvalidDataException($"release manifest: {field}.sizeBytes {image.SizeBytes} is out of range");
        if (image.Sha256.Length != 64 || image.Sha256.Any(c => c is not ((>= '0' and <= '9') or (>= 'a' and <= 'f'))))
            throw new InvalidDataException($"release manifest: {field}.sha256 must be 64 lower-case hexadecimal digits");
    }
}

/// <summary>What a boot image says of itself and of the root image it belongs to: <c>release.json</c> in it.</summary>
public sealed record SlotRelease(int Format, string Name, string Version, string Hardware, long RootSizeBytes, string RootSha256)
{
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ReleaseJson.Default.SlotRelease);

    /// <exception cref="InvalidDataException">Not what a boot image of Firn carries.</exception>
    public static SlotRelease Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ReleaseJson.Default.SlotRelease)
                ?? throw new InvalidDataException("slot release is null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"slot release: {error.Message}", error);
        }
    }
}

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ReleaseManifest))]
[JsonSerializable(typeof(SlotRelease))]
[JsonSerializable(typeof(RepositorySettings))]
internal sealed partial class ReleaseJson : JsonSerializerContext;
