using System.Diagnostics;
using System.Text;
using Firn.Images.BootLoaders;

namespace Firn.Tests.Images.BootLoaders;

public sealed class GrubConfigTests
{
    private static readonly GrubSettings Plain = new("box", 1, "ttyS0", 3, 5, null, null);

    public static TheoryData<string> Variants => ["plain", "rescue", "watchdog", "no serial"];

    [Theory]
    [MemberData(nameof(Variants))]
    public void GRUB_accepts_its_configuration(string variant)
    {
        var settings = variant switch
        {
            "rescue" => Plain with { BootPartitionRescue = 7 },
            "watchdog" => Plain with { Watchdog = TimeSpan.FromSeconds(60) },
            "no serial" => Plain with { SerialConsole = null },
            _ => Plain,
        };
        var text = Encoding.UTF8.GetString(GrubConfig.Create(settings));

        using var judge = Process.Start(new ProcessStartInfo("grub-script-check") { RedirectStandardInput = true })!;
        judge.StandardInput.Write(text);
        judge.StandardInput.Close();
        judge.WaitForExit();

        Assert.Equal(0, judge.ExitCode);
        Assert.DoesNotMatch("@[a-z-]+@", text);
        Assert.DoesNotContain("#serial#", text);
        Assert.Equal(variant == "rescue", text.Contains("menuentry \"Rescue slot\"") && !text.Contains("#menuentry \"Rescue"));
        Assert.Equal(variant == "watchdog", text.Contains("8086:25ab"));
    }
}
