using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Firn.Settings.Etc;

[JsonConverter(typeof(JsonStringEnumConverter<EtcChangeKind>))]
public enum EtcChangeKind
{
    [JsonStringEnumMemberName("added")] Added,
    [JsonStringEnumMemberName("changed")] Changed,
    [JsonStringEnumMemberName("removed")] Removed,
}

/// <summary>In what a machine's /etc is another one than its image's.</summary>
/// <param name="Path">Below /etc; <c>.</c> is that directory itself.</param>
/// <param name="What">Of a change: <c>kind</c>, <c>content</c>, <c>mode</c>, <c>owner</c>, <c>attributes</c>.</param>
public sealed record EtcChange(string Path, EtcChangeKind Kind, ImmutableArray<string> What);
