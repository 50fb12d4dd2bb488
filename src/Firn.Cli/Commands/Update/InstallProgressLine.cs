using Firn.Cli.Rendering;
using Firn.Machine.Updates;
using Firn.Web.Machines;

namespace Firn.Cli.Commands.Update;

/// <summary>For who waits at the terminal, and for the page of this machine.</summary>
/// <param name="file">Null: what is written is not of this machine.</param>
internal sealed class InstallProgressLine(ProgressLine line, InstallProgressFile? file) : IProgress<InstallProgress>, IDisposable
{
    public static InstallProgressLine Create(Wiring wiring, string? image) => new(
        ProgressLine.OnStandardError(),
        image is null ? new(Path.Combine(wiring.Paths.Root, InstallProgressFile.FilePath), wiring.Clock) : null);

    public void Report(InstallProgress value)
    {
        file?.Report(value);
        line.Report(
            InstallProgressFile.Describe(value.Step), value.DoneBytes, value.TotalBytes,
            value.Origins.Slots + value.Origins.Kept > 0 ? $"({TransferOptions.Describe(value.Origins)})" : null);
    }

    public void Dispose()
    {
        line.Dispose();
        file?.Dispose();
    }
}
