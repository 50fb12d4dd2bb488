using Firn.Linux.Files;
using Firn.Swu.Archives;
using Firn.Swu.Descriptions;

namespace Firn.Swu.Installing;

/// <summary>A file that replaces another in one step. It keeps owner and mode of that; a new one is its owner's alone, as SWUpdate does.</summary>
internal sealed class FileStep(SwuArchive archive, Artefact artefact, string path) : IStep
{
    public void Check(Action<string> problem, CancellationToken cancellation)
    {
        if (Directory.Exists(path)) problem($"files: {artefact.FileName}: {artefact.Path} is a directory");
        else Places.RequireWritable(Path.GetDirectoryName(path)!, artefact.MakesDirectory, what => problem($"files: {artefact.FileName}: {what}"));
    }

    public void Run(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var beside = $"{path}.{Environment.ProcessId}.partial";
        try
        {
            using (var file = new FileStream(RawFiles.Create(RawPath.From(beside)), FileAccess.Write, bufferSize: 0))
            using (var plain = Payloads.Open(archive, artefact))
            {
                plain.CopyTo(file, Payloads.BufferBytes);
                file.Flush(flushToDisk: true);
            }
            if (RawFiles.Exists(RawPath.From(path)) && RawFiles.Status(RawPath.From(path)) is { Type: FileType.File } before)
            {
                RawFiles.SetOwner(RawPath.From(beside), before.Uid, before.Gid);
                RawFiles.SetMode(RawPath.From(beside), before.Mode);
            }
            DurableFile.Move(beside, path);
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
