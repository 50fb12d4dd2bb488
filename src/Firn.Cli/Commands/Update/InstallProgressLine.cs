using Firn.Cli.Rendering;
using Firn.Machine.Updates;

namespace Firn.Cli.Commands.Update;

internal sealed class InstallProgressLine(ProgressLine line) : IProgress<InstallProgress>
{
    public void Report(InstallProgress value) => line.Report(
        Describe(value.Step), value.DoneBytes, value.TotalBytes,
        value.Origins.Slots + value.Origins.Kept > 0 ? $"({TransferOptions.Describe(value.Origins)})" : null);

    private static string Describe(InstallStep step) => step switch
    {
        InstallStep.Compare => "comparing with what the slot holds",
        InstallStep.WriteRoot => "writing the root image",
        InstallStep.WriteBoot => "writing the boot image",
        InstallStep.VerifyRoot => "reading the root image back",
        _ => "reading the boot image back",
    };
}
