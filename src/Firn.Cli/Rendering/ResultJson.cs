using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Firn.Agent.Service;
using Firn.Cli.Commands.Image;
using Firn.Cli.Commands.Overlay;
using Firn.Images.BlockCaches;
using Firn.Images.Deltas;
using Firn.Images.RootImages;
using Firn.Machine.Boot;
using Firn.Machine.Data;
using Firn.Machine.Etc;
using Firn.Machine.Updates;
using Firn.Swu.Installing;

namespace Firn.Cli.Rendering;

/// <summary>Results as <c>--json</c> prints them: the very records that the text is made from.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(SlotJsonConverter)],
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(BootReport))]
[JsonSerializable(typeof(UpdateStatus))]
[JsonSerializable(typeof(UpdateCheck))]
[JsonSerializable(typeof(UpdatePlan))]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(InstallResult))]
[JsonSerializable(typeof(ConfirmResult))]
[JsonSerializable(typeof(RollbackResult))]
[JsonSerializable(typeof(ImmutableArray<HistoryEntry>))]
[JsonSerializable(typeof(ImmutableArray<PlannedMachine>))]
[JsonSerializable(typeof(EtcCarryResult))]
[JsonSerializable(typeof(DataPrepareResult))]
[JsonSerializable(typeof(ImageReport))]
[JsonSerializable(typeof(SquashResult))]
[JsonSerializable(typeof(DeltaTrialReport))]
[JsonSerializable(typeof(SwuInstallResult))]
[JsonSerializable(typeof(ExtractionReport))]
[JsonSerializable(typeof(CacheStatistics))]
[JsonSerializable(typeof(CachePruning))]
[JsonSerializable(typeof(CacheVerification))]
[JsonSerializable(typeof(ImmutableArray<ListedName>))]
internal sealed partial class ResultJson : JsonSerializerContext;

internal static class Result
{
    /// <summary>Prints a record as JSON, or as text for people.</summary>
    public static void Print<T>(TextWriter output, T result, bool asJson, JsonTypeInfo<T> type, Func<T, IEnumerable<string>> lines)
    {
        if (asJson) output.WriteLine(JsonSerializer.Serialize(result, type));
        else foreach (var line in lines(result)) output.WriteLine(line);
    }
}
