using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Firn.Trust.Metadata;

namespace Firn.Trust.Releases;

/// <summary>A share of all machines, and when their turns are: evenly spread from the wave's beginning to its end.</summary>
/// <param name="From">The first machine's turn.</param>
/// <param name="Until">The last machine's turn.</param>
/// <param name="Permille">How many of a thousand machines have had their turn when it ends, those of earlier waves with them.</param>
public sealed record RolloutWave(DateTimeOffset From, DateTimeOffset Until, int Permille);

/// <summary>
/// When each machine may take a release. A machine's place follows from its id and the rollout's: no server assigns it, and
/// another rollout shuffles anew, so that it is not always the same machines that go first.
/// </summary>
public sealed record Rollout(string Id, ImmutableArray<RolloutWave> Waves)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>From 0 to below 1: the first 32 bits of SHA-256 over both ids, with a zero byte between them.</summary>
    public double PlaceOf(string machineId)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Id}\0{machineId}"));
        return BinaryPrimitives.ReadUInt32BigEndian(hash) / (double)(1L << 32);
    }

    /// <returns>Null if no wave reaches that far yet.</returns>
    public DateTimeOffset? TurnOf(string machineId)
    {
        var place = PlaceOf(machineId) * 1000;
        var before = 0;
        foreach (var wave in Waves)
        {
            if (place < wave.Permille)
                return wave.From + (wave.Until - wave.From) * ((place - before) / (wave.Permille - before));
            before = wave.Permille;
        }
        return null;
    }

    internal JsonObject ToJson() => new JsonBuilder
    {
        { "id", Id },
        { "waves", new JsonValue.List([.. Waves.Select(ToJson)]) },
    }.Build();

    private static JsonObject ToJson(RolloutWave wave) => new JsonBuilder
    {
        { "from", wave.From.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture) },
        { "until", wave.Until.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture) },
        { "permille", wave.Permille },
    }.Build();

    internal static Rollout Read(JsonObject json, string where)
    {
        var fields = new JsonFields(json, where);
        var waves = ImmutableArray.CreateBuilder<RolloutWave>();
        foreach (var item in fields.List("waves").Items)
        {
            var name = $"{fields.Path("waves")}[{waves.Count}]";
            var wave = ReadWave(item as JsonObject ?? throw new InvalidDataException($"{name} must be an object"), name);
            if (wave.Permille <= (waves.Count == 0 ? 0 : waves[^1].Permille))
                throw new InvalidDataException($"{name}.permille must be more than that of the wave before it");
            waves.Add(wave);
        }
        return new(fields.Text("id"), waves.ToImmutable());
    }

    private static RolloutWave ReadWave(JsonObject json, string where)
    {
        var fields = new JsonFields(json, where);
        var wave = new RolloutWave(
            ReadTime(fields, "from"), ReadTime(fields, "until"), (int)fields.IntegerFrom("permille", 1, 1000));
        return wave.Until >= wave.From ? wave : throw new InvalidDataException($"{where} ends before it begins");
    }

    private static DateTimeOffset ReadTime(JsonFields fields, string name) =>
        DateTimeOffset.TryParseExact(
            fields.Text(name), TimeFormat, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new InvalidDataException($"{fields.Path(name)} is '{fields.Text(name)}', expected a time like 2030-01-31T00:00:00Z");

    public bool Equals(Rollout? other) => other is not null && Id == other.Id && Waves.SequenceEqual(other.Waves);
    public override int GetHashCode() => HashCode.Combine(Id, Waves.Length);
}
