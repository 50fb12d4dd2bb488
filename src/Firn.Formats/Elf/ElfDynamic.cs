using System.Collections.Immutable;

namespace Firn.Formats.Elf;

/// <summary>
/// What a program or library needs to run: enough to copy it with all its libraries and nothing else. System V ABI
/// (gABI 4.1), chapter 5, "Dynamic Section".
/// </summary>
/// <param name="Interpreter">Path of the dynamic loader; null for a library or a static-pie program.</param>
/// <param name="Needed">Names of the libraries (DT_NEEDED), in their order.</param>
/// <param name="RunPaths">
/// Where to look for them first, as written, <c>$ORIGIN</c> included: DT_RUNPATH or, without it, DT_RPATH.
/// </param>
public sealed record ElfDynamic(string? Interpreter, ImmutableArray<string> Needed, ImmutableArray<string> RunPaths)
{
    private const uint LoadSegment = 1, DynamicSegment = 2, InterpreterSegment = 3;
    private const ulong EndTag = 0, NeededTag = 1, StringsTag = 5, StringsSizeTag = 10, RPathTag = 15, RunPathTag = 29;
    private const int EntryBytes = 16;
    private const int MaximumNeeded = 1024;

    /// <param name="file">All of a file.</param>
    /// <returns>Null for what is not ELF, or is linked statically.</returns>
    /// <exception cref="InvalidDataException">A damaged ELF file, or not a 64-bit little-endian one.</exception>
    public static ElfDynamic? Read(ReadOnlySpan<byte> file)
    {
        if (!ElfFile.IsElf(file)) return null;
        var elf = new ElfFile(file);
        var segments = elf.Segments();
        var at = Array.FindIndex(segments, segment => segment.Type == DynamicSegment);
        if (at < 0) return null;

        var needed = new List<ulong>();
        ulong? strings = null, runPath = null, rPath = null;
        var stringsSize = 0UL;
        for (var entries = elf.Bytes(segments[at]); entries.Length >= EntryBytes; entries = entries[EntryBytes..])
        {
            var (tag, value) = (ElfFile.Read64(entries, 0), ElfFile.Read64(entries, 8));
            if (tag == EndTag) break;
            if (tag == NeededTag) needed.Add(value);
            else if (tag == StringsTag) strings = value;
            else if (tag == StringsSizeTag) stringsSize = value;
            else if (tag == RunPathTag) runPath = value;
            else if (tag == RPathTag) rPath = value;
        }
        if (needed.Count > MaximumNeeded) throw new InvalidDataException($"ELF file needs {needed.Count} libraries");

        var table = strings is { } address ? elf.Slice(FileOffset(segments, address), stringsSize) : [];
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var name in needed) names.Add(ElfFile.String(table, name));
        var paths = (runPath ?? rPath) is { } path ? ElfFile.String(table, path) : "";
        var interpreter = Array.FindIndex(segments, segment => segment.Type == InterpreterSegment);
        return new(
            interpreter < 0 ? null : ElfFile.String(elf.Bytes(segments[interpreter]), 0),
            names.ToImmutable(), [.. paths.Split(':', StringSplitOptions.RemoveEmptyEntries)]);
    }

    private static ulong FileOffset(ElfSegment[] segments, ulong address)
    {
        foreach (var segment in segments)
            if (segment.Type == LoadSegment && address >= segment.Address && address - segment.Address < segment.Size)
                return segment.Offset + (address - segment.Address);
        throw new InvalidDataException($"ELF file: no segment holds address 0x{address:x}");
    }
}
