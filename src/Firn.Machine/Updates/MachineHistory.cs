using System.Collections.Immutable;
using System.Text.Json;
using Firn.Formats.Boot;
using Firn.Linux.Files;

namespace Firn.Machine.Updates;

/// <summary>What happened to this machine's slots: a file to which lines of JSON are added, never changed.</summary>
public sealed class MachineHistory(string path, TimeProvider clock)
{
    /// <summary>Of a longer file only the end is read.</summary>
    private const int ReadLimitBytes = 4 << 20;

    private const int ReasonLimit = 2000;

    public void Add(HistoryEvent happened, Slot slot, string? version, string? reason)
    {
        var entry = new HistoryEntry(
            clock.GetUtcNow(), happened, slot, version, reason is { Length: > ReasonLimit } ? reason[..ReasonLimit] : reason);
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(entry, HistoryJson.Default.HistoryEntry), (byte)'\n'];
        DurableFile.Append(path, EndsTorn() ? [(byte)'\n', .. line] : line);
    }

    /// <summary>Oldest first. Lines that a power cut tore are left out.</summary>
    public ImmutableArray<HistoryEntry> Read()
    {
        if (!File.Exists(path)) return [];
        var entries = ImmutableArray.CreateBuilder<HistoryEntry>();
        var bytes = ReadEnd();
        foreach (var range in bytes.AsSpan().Split((byte)'\n'))
        {
            try
            {
                if (JsonSerializer.Deserialize(bytes[range], HistoryJson.Default.HistoryEntry) is { } entry) entries.Add(entry);
            }
            catch (JsonException)
            {
                // torn: the event it told of is lost, the others are not
            }
        }
        return entries.ToImmutable();
    }

    private byte[] ReadEnd()
    {
        using var file = File.OpenRead(path);
        file.Position = Math.Max(0, file.Length - ReadLimitBytes);
        var bytes = new byte[file.Length - file.Position];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    private bool EndsTorn()
    {
        if (!File.Exists(path)) return false;
        using var file = File.OpenRead(path);
        if (file.Length == 0) return false;
        file.Position = file.Length - 1;
        return file.ReadByte() != '\n';
    }
}
