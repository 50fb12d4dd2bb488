using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Firn.Formats.Releases;

/// <summary>One image file of a release.</summary>
/// <param name="File">Name beside the manifest; never a path.</param>
/// <param name="SizeBytes">Exact size.</param>
/// <param name="Sha256">Of the whole file, 64 lower-case hexadecimal digits.</param>
/// <param name="Index">Its block index; null if it can only be taken whole.</param>
/// <param name="Deltas">Packs that make it of older ones; null for none.</param>
/// <param name="VerityRootHash">What machines check each block they read against, 64 lower-case hexadecimal digits; null if they do not.</param>
public sealed record ReleaseImage(
    string File, long SizeBytes, string Sha256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ReleaseFile? Index = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ReleaseDelta[]? Deltas = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? VerityRootHash = null);

/// <summary>A file that helps to get an image. A device reads its head first, and then perhaps only parts of the rest, which the head proves.</summary>
/// <param name="File">Name beside the manifest; never a path.</param>
/// <param name="SizeBytes">Exact size.</param>
/// <param name="Sha256">Of the whole file.</param>
/// <param name="HeadBytes">Size of the head.</param>
/// <param name="HeadSha256">Of the head.</param>
public sealed record ReleaseFile(string File, long SizeBytes, string Sha256, int HeadBytes, string HeadSha256)
{
    public static ReleaseFile Of(string file, ReadOnlySpan<byte> bytes, int headBytes) => new(
        file, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)),
        headBytes, Convert.ToHexStringLower(SHA256.HashData(bytes[..headBytes])));
}

/// <summary>What makes an image of an older one.</summary>
/// <param name="FromVersion">Of the older release, for people.</param>
/// <param name="FromSha256">Of the older image.</param>
/// <param name="Pack">The patches.</param>
public sealed record ReleaseDelta(string FromVersion, string FromSha256, ReleaseFile Pack);

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

    /// <summary>Nor the head of a file beside it.</summary>
    public const int MaximumHeadBytes = 16 << 20;

    /// <summary>All files beside the manifest.</summary>
    [JsonIgnore]
    public IEnumerable<(string File, long SizeBytes, string Sha256)> Files =>
        from image in new[] { Root, Boot }
        from file in HelpersOf(image).Select(helper => (helper.File, helper.SizeBytes, helper.Sha256)).Prepend((image.File, image.SizeBytes, image.Sha256))
        select file;

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

    private static IEnumerable<ReleaseFile> HelpersOf(ReleaseImage image) =>
        (image.Deltas ?? []).Select(delta => delta.Pack).Concat(image.Index is { } index ? [index] : []);

    private static void CheckImage(string field, ReleaseImage image)
    {
        CheckFile(field, image.File, image.SizeBytes, image.Sha256);
        if (image.VerityRootHash is { } rootHash) CheckHash($"{field}.verityRootHash", rootHash);
        foreach (var delta in image.Deltas ?? [])
        {
            CheckText($"{field}.deltas.fromVersion", delta.FromVersion);
            CheckHash($"{field}.deltas.fromSha256", delta.FromSha256);
        }
        foreach (var helper in HelpersOf(image))
        {
            CheckFile($"{field}: {helper.File}", helper.File, helper.SizeBytes, helper.Sha256);
            CheckHash($"{field}: {helper.File}: headSha256", helper.HeadSha256);
            if (helper.HeadBytes <= 0 || helper.HeadBytes > Math.Min(helper.SizeBytes, MaximumHeadBytes))
                throw new InvalidDataException($"release manifest: {field}: {helper.File}: headBytes {helper.HeadBytes} is out of range");
        }
    }

    private static void CheckFile(string field, string file, long sizeBytes, string sha256)
    {
        CheckText($"{field}.file", file);
        if (file.Contains('/') || file is "." or "..")
            throw new InvalidDataException($"release manifest: {field}.file '{file}' must be a plain file name");
        if (sizeBytes is <= 0 or > 1L << 40)
            throw new InvalidDataException($"release manifest: {field}.sizeBytes {sizeBytes} is out of range");
        CheckHash($"{field}.sha256", sha256);
    }

    private static void CheckHash(string field, string sha256)
    {
        if (sha256.Length != 64 || sha256.Any(c => c is not ((>= '0' and <= '9') or (>= 'a' and <= 'f'))))
            throw new InvalidDataException($"release manifest: {field} must be 64 lower-case hexadecimal digits");
    }
}

/// <summary>What a boot image says of itself and of the root image it belongs to: <c>release.json</c> in it.</summary>
/// <param name="VerityRootHash">As <see cref="ReleaseImage.VerityRootHash"/>, for people: what counts is in <c>slot.cfg</c>.</param>
public sealed record SlotRelease(
    int Format, string Name, string Version, string Hardware, long RootSizeBytes, string RootSha256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? VerityRootHash = null)
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
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ReleaseManifest))]
[JsonSerializable(typeof(SlotRelease))]
[JsonSerializable(typeof(RepositorySettings))]
internal sealed partial class ReleaseJson : JsonSerializerContext;
