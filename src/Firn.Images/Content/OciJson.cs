using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Firn.Formats.Trees;

namespace Firn.Images.Content;

/// <summary>What a blob is and how to know it. OCI Image Format Specification 1.1, "Content Descriptors".</summary>
internal sealed record OciDescriptor(
    string Digest, long Size, string? MediaType = null, OciPlatform? Platform = null,
    ImmutableDictionary<string, string>? Annotations = null)
{
    /// <summary>The tag in an index of a layout.</summary>
    public string? RefName => Annotations?.GetValueOrDefault("org.opencontainers.image.ref.name");
}

internal sealed record OciPlatform(string? Architecture = null, string? Os = null);

/// <summary>"Image Index": several images, one for each platform or tag.</summary>
internal sealed record OciIndex(ImmutableArray<OciDescriptor?> Manifests);

/// <summary>"Image Manifest": one image. An index has manifests instead of layers.</summary>
internal sealed record OciManifest(
    OciDescriptor? Config = null, ImmutableArray<OciDescriptor?>? Layers = null, ImmutableArray<OciDescriptor?>? Manifests = null);

/// <summary>"Image Configuration", as much as tells the platform.</summary>
internal sealed record OciConfig(string? Architecture = null, string? Os = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(OciIndex))]
[JsonSerializable(typeof(OciManifest))]
[JsonSerializable(typeof(OciConfig))]
internal sealed partial class OciJson : JsonSerializerContext
{
    /// <summary>The specification asks readers to take manifests of 4 MiB; no real one is larger.</summary>
    private const int MaximumBytes = 4 << 20;

    /// <exception cref="InvalidDataException">One of the items is null, which the serializer lets through.</exception>
    public static ImmutableArray<OciDescriptor> All(ImmutableArray<OciDescriptor?> descriptors, string subject) =>
        [.. descriptors.Select(descriptor => descriptor ?? throw new InvalidDataException($"{subject} has null where a descriptor should be"))];

    /// <exception cref="InvalidDataException">Not JSON of that kind; the message names <paramref name="subject"/>.</exception>
    public static T Read<T>(FileContent json, JsonTypeInfo<T> type, string subject)
    {
        try
        {
            return JsonSerializer.Deserialize(json.ReadAll(MaximumBytes), type)
                ?? throw new InvalidDataException($"{subject} is null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{subject}: {error.Message}", error);
        }
    }
}
