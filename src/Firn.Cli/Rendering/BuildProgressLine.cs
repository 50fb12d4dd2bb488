using Firn.Images.Building;

namespace Firn.Cli.Rendering;

internal sealed class BuildProgressLine(ProgressLine line) : IProgress<BuildProgress>
{
    public void Report(BuildProgress value) => line.Report(value.Step, value.DoneBytes, value.TotalBytes, value.Detail);
}
