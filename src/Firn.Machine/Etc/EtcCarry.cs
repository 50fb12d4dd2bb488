using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Firn.Formats.Trees;
using Firn.Linux.Files;
using Firn.Machine.Boot;

namespace Firn.Machine.Etc;

/// <summary>What was carried over to a new upper directory.</summary>
/// <param name="Upper">The directory that was made.</param>
/// <param name="Entries">Files, directories and whiteouts in it.</param>
/// <param name="Conflicts">What a person should look at.</param>
public sealed record EtcCarryResult(string Upper, int Entries, ImmutableArray<EtcConflict> Conflicts);

/// <summary>
/// Makes the overlay's upper directory for a newly installed slot. It appears under its name whole or not at all, in
/// place of what an earlier installation in that slot left; the old slot's is only read: going back finds it as it was.
/// </summary>
public static class EtcCarry
{
    /// <param name="fromLower">/etc in the old root image.</param>
    /// <param name="fromUpper">The old slot's upper directory.</param>
    /// <param name="toLower">/etc in the new root image.</param>
    /// <param name="toUpper">The new slot's upper directory; if there is one, it is replaced.</param>
    /// <param name="conflictsFile">Where the conflicts are listed as JSON.</param>
    /// <exception cref="RefusedException"><paramref name="toUpper"/> is, is within or holds a directory that is read.</exception>
    /// <exception cref="InvalidDataException">The old upper directory is not one that can be carried over.</exception>
    public static EtcCarryResult Run(string fromLower, string fromUpper, string toLower, string toUpper, string conflictsFile)
    {
        toUpper = Path.TrimEndingDirectorySeparator(Path.GetFullPath(toUpper));
        foreach (var source in new[] { fromLower, fromUpper, toLower })
            if (Holds(source, toUpper) || Holds(toUpper, source))
                throw new RefusedException($"{toUpper} cannot be replaced: it is read, as {source}");

        var old = DirectoryTree.Read(fromLower);
        var next = DirectoryTree.Read(toLower);
        var local = OverlayTree.Merge(old, DirectoryTree.Read(fromUpper));
        var (merged, conflicts) = EtcMerge.Run(old, local, next);
        var upper = OverlayTree.Difference(next, merged);

        // the list first: with the directory's name all is done
        DurableFile.Replace(conflictsFile, JsonSerializer.SerializeToUtf8Bytes(conflicts, EtcJson.Default.ImmutableArrayEtcConflict));
        WriteWhole(upper, toUpper);
        return new(toUpper, upper.Walk().Count(), conflicts);
    }

    /// <summary>Of the last time that something was carried over; none if nothing was.</summary>
    /// <exception cref="InvalidDataException">The list is damaged.</exception>
    public static ImmutableArray<EtcConflict> ReadConflicts(string conflictsFile)
    {
        if (!File.Exists(conflictsFile)) return [];
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(conflictsFile), EtcJson.Default.ImmutableArrayEtcConflict);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{conflictsFile}: {error.Message}");
        }
    }

    private static bool Holds(string directory, string path) =>
        (Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + "/")
            .StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)) + "/", StringComparison.Ordinal);

    private static void WriteWhole(FileTree upper, string toUpper)
    {
        var beside = toUpper + ".firn-tmp";
        DirectoryTree.Remove(beside);    // of an attempt that the power ended
        Directory.CreateDirectory(Path.GetDirectoryName(toUpper)!);
        DirectoryTree.Write(upper, beside);
        RawFiles.SyncFileSystem(RawPath.From(beside));
        if (Directory.Exists(toUpper)) RawFiles.Exchange(RawPath.From(beside), RawPath.From(toUpper));
        else RawFiles.Rename(RawPath.From(beside), RawPath.From(toUpper));
        RawFiles.Sync(RawPath.From(Path.GetDirectoryName(toUpper)!));
        DirectoryTree.Remove(beside);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ImmutableArray<EtcConflict>))]
internal sealed partial class EtcJson : JsonSerializerContext;
