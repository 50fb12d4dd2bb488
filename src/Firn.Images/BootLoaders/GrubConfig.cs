using System.Text;
using Firn.Images.Content;

namespace Firn.Images.BootLoaders;

/// <summary>What distinguishes one disk's GRUB configuration from another's.</summary>
/// <param name="MenuTitle">Shown as the first menu entry.</param>
/// <param name="MenuSeconds">How long the menu waits for a key.</param>
/// <param name="SerialConsole">e.g. <c>ttyS0</c>, or null for none.</param>
/// <param name="BootPartitionA">Number of slot a's boot partition; likewise the others.</param>
/// <param name="BootPartitionRescue">Null when the disk has no rescue slot.</param>
/// <param name="Watchdog">Time from starting a kernel on trial to its first sign of life; null when not armed.</param>
internal sealed record GrubSettings(
    string MenuTitle, int MenuSeconds, string? SerialConsole,
    int BootPartitionA, int BootPartitionB, int? BootPartitionRescue, TimeSpan? Watchdog);

/// <summary>The configuration files GRUB reads, filled in from templates beside this file.</summary>
internal static class GrubConfig
{
    /// <summary>The few lines embedded in GRUB's own images.</summary>
    public static byte[] Early => EmbeddedFile.Read("grub-early.cfg");

    public static byte[] Create(GrubSettings settings)
    {
        var text = new StringBuilder(Encoding.UTF8.GetString(EmbeddedFile.Read("grub.cfg")));
        Line("#serial#", settings.SerialConsole is { } console ? SerialLines(console) : null);
        Line("#watchdog#", settings.Watchdog is { } time ? WatchdogLines(time) : null);
        text.Replace("#rescue#", settings.BootPartitionRescue is null ? "#" : "");
        text.Replace("@timeout@", settings.MenuSeconds.ToString());
        text.Replace("@name@", settings.MenuTitle);
        text.Replace("@boot-a@", settings.BootPartitionA.ToString());
        text.Replace("@boot-b@", settings.BootPartitionB.ToString());
        text.Replace("@boot-rescue@", settings.BootPartitionRescue?.ToString() ?? "0");
        return Encoding.UTF8.GetBytes(text.ToString());

        void Line(string token, string? lines) => text.Replace(token + "\n", lines is null ? "" : lines + "\n");
    }

    private static string SerialLines(string console)
    {
        var unit = console["ttyS".Length..];
        return $"""
            serial --unit={unit} --speed=115200
            terminal_input serial console
            terminal_output serial console
            """;
    }

    /// <summary>
    /// Arms the two watchdogs that machines commonly have, where they are found. i6300esb (virtual machines): Intel
    /// 6300ESB datasheet, chapter "Watchdog Timer"; two timers of milliseconds run one after the other, and each write
    /// is unlocked by 0x80, 0x86. TCO of Intel's chipsets: ICH9 datasheet, "TCO I/O Registers"; ticks of 0.6 s, reset
    /// when it has expired twice. GRUB has no arithmetic, so the usual addresses of its I/O ports are listed.
    /// </summary>
    private static string WatchdogLines(TimeSpan time)
    {
        var half = (int)time.TotalMilliseconds / 2;
        var ticks = Math.Clamp((int)(time.TotalSeconds / 0.6 / 2), 4, 0x3ff);
        var tcoPorts = string.Join('\n', new[] { "4", "5", "6", "18" }.Select(page =>
            $"  if [ \"$pmbase\" = {page}01 ]; then outw 0x{page}72 {ticks}; outw 0x{page}60 1; outw 0x{page}68 0; fi"));
        return $$"""
              unset bar
              setpci -d 8086:25ab -v bar 10.l
              if [ -n "$bar" -a "$bar" != 0 ]; then
                setpci -d 8086:25ab 4.w=2:2
                regexp --set=1:page '^(.*).$' "$bar"
                write_word 0x${page}c 0x80
                write_word 0x${page}c 0x86
                write_dword 0x${page}0 {{half}}
                write_word 0x${page}c 0x80
                write_word 0x${page}c 0x86
                write_dword 0x${page}4 {{half}}
                write_word 0x${page}c 0x80
                write_word 0x${page}c 0x86
                write_word 0x${page}c 0x100
                setpci -d 8086:25ab 60.w=0
                setpci -d 8086:25ab 68.b=2
                echo "firn: watchdog armed"
              fi
              unset pmbase
              unset rcba
              setpci -s 0:1f.0 -v pmbase 40.l
              setpci -s 0:1f.0 -v rcba f0.l
            {{tcoPorts}}
              if regexp --set=1:chipset '^(.*)c001$' "$rcba"; then write_dword 0x${chipset}f410 0; fi
            """;
    }
}
