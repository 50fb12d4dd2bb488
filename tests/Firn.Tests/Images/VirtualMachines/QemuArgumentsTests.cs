using System.Text.Json;
using Firn.Images.VirtualMachines;

namespace Firn.Tests.Images.VirtualMachines;

public sealed class QemuArgumentsTests
{
    private static readonly DriveImage Disk = new("disk", "/run/over,lay.qcow2", "qcow2", "disk");
    private static readonly VirtualMachineOptions Options = new("disk.img");

    [Fact]
    public void A_machine_without_graphics_has_a_disk_a_console_and_a_network() =>
        Assert.Equal(
        [
            "-no-user-config", "-nodefaults", "-machine", "q35", "-accel", "tcg", "-cpu", "max,-la57", "-smp", "1", "-m", "size=1024M",
            "-device", "virtio-rng-pci",
            "-blockdev", """{"node-name":"disk","driver":"qcow2","file":{"driver":"file","filename":"/run/over,lay.qcow2"}}""",
            "-device", "virtio-blk-pci,drive=disk,serial=disk,bootindex=0",
            "-device", "qemu-xhci,id=usb,p2=15,p3=15",
            "-netdev", "user,id=network", "-device", "virtio-net-pci,netdev=network,romfile=",
            "-chardev", "socket,id=console,path=/run/a,,b/console", "-serial", "chardev:console",
            "-chardev", "socket,id=control,path=/run/control", "-mon", "chardev=control,mode=control",
            "-display", "none",
        ],
        new QemuArguments(Options, Disk) { ConsoleSocket = "/run/a,b/console", ControlSocket = "/run/control" }.ToList());

    [Fact]
    public void EFI_firmware_is_two_flash_chips_and_only_the_variables_can_be_written()
    {
        var arguments = new QemuArguments(Options, Disk) { Firmware = new("/fw/code.fd", "/run/variables.fd") }.ToList();

        Assert.Contains("q35,pflash0=code,pflash1=variables", arguments);
        Assert.Contains("""{"node-name":"code","driver":"raw","file":{"driver":"file","filename":"/fw/code.fd"},"read-only":true}""", arguments);
        Assert.Contains("""{"node-name":"variables","driver":"raw","file":{"driver":"file","filename":"/run/variables.fd"}}""", arguments);
    }

    [Theory]
    [InlineData(AcceleratorKind.Tcg, "tcg")]
    [InlineData(AcceleratorKind.Kvm, "kvm")]
    [InlineData(AcceleratorKind.Auto, "kvm,tcg")]
    public void KVM_is_used_only_when_asked_for(AcceleratorKind accelerator, string expected) =>
        Assert.Equal(expected, string.Join(',', After(Options with { Accelerator = accelerator }, "-accel")));

    [Fact]
    public void Ports_are_forwarded_from_this_host_only() =>
        Assert.Equal(
            ["user,id=network,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=tcp:127.0.0.1:8080-:80"],
            After(Options with { Forwards = [new(2222, 22), new(8080, 80)] }, "-netdev"));

    [Fact]
    public void Watchdogs_reset_the_machine()
    {
        Assert.Equal(["watchdog=reset"], After(Options with { Watchdog = WatchdogKind.I6300Esb }, "-action"));
        Assert.Contains("i6300esb", After(Options with { Watchdog = WatchdogKind.I6300Esb }, "-device"));
        Assert.Equal(["watchdog=reset"], After(Options with { Watchdog = WatchdogKind.Itco }, "-action"));
        Assert.Equal(["ICH9-LPC.noreboot=off"], After(Options with { Watchdog = WatchdogKind.Itco }, "-global"));
        Assert.Empty(After(Options, "-action"));
    }

    [Fact]
    public void Only_the_first_disk_is_booted_from()
    {
        var arguments = new QemuArguments(Options, Disk)
        {
            Drives = [new("drive0", "/dev/loop7", "raw", "release")],
            UsbDrives = [new("stick0", "/stick.img", "raw", "stick")],
        }.ToList();

        Assert.Single(arguments, argument => argument.Contains("bootindex"));
        Assert.Contains("virtio-blk-pci,drive=drive0,serial=release", arguments);
        Assert.Contains("""{"node-name":"drive0","driver":"raw","file":{"driver":"host_device","filename":"/dev/loop7"}}""", arguments);
        Assert.Contains("usb-storage,bus=usb.0,drive=stick0,id=stick0-device,serial=stick,removable=on", arguments);
    }

    [Fact]
    public void A_console_on_the_terminal_has_QEMUs_keys_and_can_be_logged()
    {
        var arguments = new QemuArguments(Options with { ConsoleLog = "/log" }, Disk) { Display = "gtk" }.ToList();

        Assert.Contains("stdio,id=console,mux=on,signal=off,logfile=/log", arguments);
        Assert.Contains("chardev=console,mode=readline", arguments);
        Assert.Contains("gtk", arguments);
        Assert.Contains("VGA", arguments);
    }

    [Fact]
    public void File_names_of_any_characters_reach_QEMU_as_they_are()
    {
        const string name = "/a \"quoted\", comma=yes ü\\.img";
        var json = new DriveImage("id", name, "raw", "").ToBlockDevice().ToJsonString();

        using var document = JsonDocument.Parse(json);
        Assert.Equal(name, document.RootElement.GetProperty("file").GetProperty("filename").GetString());
    }

    [Theory]
    [InlineData("/x/disk.img", "raw", "disk")]
    [InlineData("/x/disk.qcow2", "qcow2", "disk")]
    [InlineData("/x/a very, long=name that goes on.img", "raw", "averylongnamethatgoe")]
    [InlineData("/x/....", "raw", "drive")]
    public void Format_and_serial_number_follow_from_the_name(string path, string format, string serial)
    {
        Assert.Equal(format, DriveImage.FormatOf(path));
        Assert.Equal(serial, DriveImage.SerialOf(path));
    }

    [Theory]
    [InlineData("2222:22", 2222, 22)]
    [InlineData("65535:1", 65535, 1)]
    public void Port_forwards_are_read(string text, int host, int guest) => Assert.Equal(new PortForward(host, guest), PortForward.TryParse(text));

    [Theory]
    [InlineData("22")]
    [InlineData("0:22")]
    [InlineData("1:65536")]
    [InlineData("1:2:3")]
    [InlineData("-1:2")]
    [InlineData(" 1:2")]
    public void Other_port_forwards_are_refused(string text) => Assert.Null(PortForward.TryParse(text));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("512M", 512L << 20)]
    [InlineData("4G", 4L << 30)]
    [InlineData("8388607T", 8388607L << 40)]
    public void Sizes_are_read(string text, long bytes)
    {
        Assert.True(SizeText.TryParse(text, out var parsed));
        Assert.Equal(bytes, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("1.5G")]
    [InlineData("-1")]
    [InlineData("8388608T")]
    [InlineData("1GB")]
    [InlineData("1G\n")]
    public void Other_sizes_are_refused(string text) => Assert.False(SizeText.TryParse(text, out _));

    [Fact]
    public void Missing_firmware_is_named_with_its_package()
    {
        var error = Assert.Throws<FileNotFoundException>(() => OvmfFirmware.Locate([new("/nonexistent/code.fd", "/nonexistent/vars.fd")]));
        Assert.Contains("apt-get install ovmf", error.Message);
    }

    [Theory]
    [InlineData(null, 1.0)]
    [InlineData("2.5", 2.5)]
    [InlineData("0", null)]
    [InlineData("fast", null)]
    [InlineData("-1", null)]
    public void The_time_scale_is_a_number(string? text, double? scale) => Assert.Equal(scale, TimeScale.Parse(text));

    private static IEnumerable<string> After(VirtualMachineOptions options, string name)
    {
        var arguments = new QemuArguments(options, Disk).ToList();
        return arguments.Zip(arguments.Skip(1)).Where(pair => pair.First == name).Select(pair => pair.Second);
    }
}
