using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Firn.Cli.Commands.Key;
using Firn.Cli.Commands.Repo;
using Firn.Publishing.Care;

namespace Firn.Cli.Rendering;

/// <summary>Results of <c>firn repo</c> and <c>firn key</c> as <c>--json</c> prints them.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(NewKey))]
[JsonSerializable(typeof(ImmutableArray<ListedKey>))]
[JsonSerializable(typeof(StagedResult))]
[JsonSerializable(typeof(PublishedResult))]
[JsonSerializable(typeof(PullResult))]
[JsonSerializable(typeof(PruneResult))]
[JsonSerializable(typeof(RepositoryReport))]
[JsonSerializable(typeof(RepositoryStatus))]
[JsonSerializable(typeof(ImmutableArray<ReleaseLine>))]
internal sealed partial class RepoJson : JsonSerializerContext;
