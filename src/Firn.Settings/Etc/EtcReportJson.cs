using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Firn.Settings.Etc;

/// <summary>As <c>--json</c> prints them. Here, because what is not compiled beforehand takes less room (docs/decisions/0021-size.md).</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ImmutableArray<EtcChange>))]
[JsonSerializable(typeof(ImmutableArray<EtcConflictReport>))]
public sealed partial class EtcReportJson : JsonSerializerContext;
