namespace Firn.Tests.Devices;

/// <summary>A small <c>/sys</c> in a directory: two USB serial adapters of one make on a PCI controller, and a built-in port.</summary>
internal sealed class SysTree : IDisposable
{
    public const string Hub = "/devices/pci0000:00/0000:00:01.0/usb1";

    private readonly string _directory = Directory.CreateTempSubdirectory("firn-sys-").FullName;

    public string Root => Path.Combine(_directory, "sys");
    public string UdevData => Path.Combine(_directory, "udev");
    public string this[string name] => Path.Combine(_directory, name);

    public SysTree()
    {
        Directory.CreateDirectory(Path.Combine(Root, "class"));
        Directory.CreateDirectory(UdevData);
        Device("/devices/pci0000:00/0000:00:01.0", "pci", null);
    }

    public static string PathOf(int port, int number = 0) => $"{Hub}/1-{port}/1-{port}:1.0/ttyUSB{number}/tty/ttyUSB{number}";

    /// <returns>The path of its port below <c>/sys</c>.</returns>
    public string PlugAdapter(int port, int number, string serial, string product = "FT232R USB UART")
    {
        var usb = $"{Hub}/1-{port}";
        Device(usb, "usb", "usb", ("idVendor", "0403"), ("idProduct", "6001"), ("manufacturer", "FTDI"), ("product", product), ("serial", serial));
        Device($"{usb}/1-{port}:1.0", "usb", "ftdi_sio", ("bInterfaceNumber", "00"));
        var serialPort = $"{usb}/1-{port}:1.0/ttyUSB{number}";
        Device(serialPort, "usb-serial", "ftdi_sio");
        var path = PathOf(port, number);
        Device(path, "tty", null);
        File.WriteAllText($"{Root}{path}/uevent", $"MAJOR=188\nMINOR={number}\nDEVNAME=ttyUSB{number}\n");
        File.CreateSymbolicLink($"{Root}{path}/device", $"{Root}{serialPort}");
        Link("tty", path);
        return path;
    }

    public void Unplug(int port, int number)
    {
        Directory.Delete($"{Root}{Hub}/1-{port}", recursive: true);
        File.Delete($"{Root}/class/tty/ttyUSB{number}");
    }

    public void Device(string path, string subsystem, string? driver, params (string Name, string Value)[] attributes)
    {
        Directory.CreateDirectory(Root + path);
        File.WriteAllText($"{Root}{path}/uevent", "");
        File.Delete($"{Root}{path}/subsystem");
        File.CreateSymbolicLink($"{Root}{path}/subsystem", $"../../bus/{subsystem}");
        if (driver is not null) File.CreateSymbolicLink($"{Root}{path}/driver", $"../../bus/{subsystem}/drivers/{driver}");
        foreach (var (name, value) in attributes) File.WriteAllText($"{Root}{path}/{name}", value + "\n");
    }

    public void Link(string subsystem, string path)
    {
        Directory.CreateDirectory($"{Root}/class/{subsystem}");
        File.CreateSymbolicLink($"{Root}/class/{subsystem}/{Path.GetFileName(path)}", Root + path);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
