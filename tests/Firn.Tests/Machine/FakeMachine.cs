using Firn.Formats.Gpt;
using Firn.Machine.Boot;

namespace Firn.Tests.Machine;

/// <summary>
/// A directory that looks like the /proc, /sys, /dev, /run and /data of a machine that runs from a disk of ours; its
/// partitions are files.
/// </summary>
internal sealed class FakeMachine : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("firn-machine-").FullName;

    public FakeMachine(byte[] disk, string commandLine, string rootPartition = "firn-root-a")
    {
        Paths = new(_root);
        Write("proc/cmdline", commandLine + "\n");
        Write("proc/uptime", "12.34 20.00\n");
        var table = GptReader.Read(new MemoryStream(disk));
        foreach (var partition in table.Partitions)
        {
            var name = $"vda{partition.Number}";
            Write($"sys/devices/vda/{name}/partition", $"{partition.Number}\n");
            Write($"sys/devices/vda/{name}/uevent", $"MAJOR=254\nDEVNAME={name}\nPARTN={partition.Number}\nPARTNAME={partition.Name}\n");
            Write($"dev/{name}", "");
            File.WriteAllBytes(Device(partition.Name, table), disk[(int)partition.OffsetBytes..][..(int)partition.SizeBytes]);
        }
        Write("sys/devices/vda/uevent", "DEVNAME=vda\n");
        Directory.CreateDirectory(Path.Combine(_root, "sys/dev/block"));
        var number = table.Find(rootPartition)!.Number;
        File.CreateSymbolicLink(Path.Combine(_root, $"sys/dev/block/254:{number}"), $"../../devices/vda/vda{number}");
        Write("proc/self/mountinfo", $"""
            20 1 0:5 / / rw - rootfs rootfs rw
            21 1 254:{number} / / ro,relatime shared:1 - squashfs /dev/root ro
            22 21 0:21 / /proc rw - proc proc rw

            """);
        Directory.CreateDirectory(Path.Combine(_root, "data"));
    }

    public MachinePaths Paths { get; }

    public string Device(string partition, GptTable? table = null) =>
        Path.Combine(_root, "dev", $"vda{(table ?? TestDisk.Table()).Find(partition)!.Number}");

    public string Write(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    public void Link(string path, string target)
    {
        var link = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, target);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
