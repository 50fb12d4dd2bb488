using System.Buffers.Binary;
using System.Text;
using Firn.Devices.Events;

namespace Firn.Tests.Devices.Events;

public sealed class DeviceMessageTests
{
    // as the kernel sent it for a loop device, 2026-11
    private const string Kernel =
        "add@/devices/virtual/block/loop77\0ACTION=add\0DEVPATH=/devices/virtual/block/loop77\0SUBSYSTEM=block\0"
        + "MAJOR=7\0MINOR=77\0DEVNAME=loop77\0DEVTYPE=disk\0DISKSEQ=99\0SEQNUM=4711\0";

    [Fact]
    public void A_message_of_the_kernel_is_read()
    {
        var change = DeviceMessage.ParseKernel(Encoding.UTF8.GetBytes(Kernel));

        Assert.Equal("add", change.Action);
        Assert.Equal("/devices/virtual/block/loop77", change.DevPath);
        Assert.Equal("loop77", change.Properties["DEVNAME"]);
        Assert.Equal(4711UL, change.Sequence);
    }

    [Fact]
    public void A_message_of_udev_is_read()
    {
        var change = DeviceMessage.ParseUdev(Udev("ACTION=add\0DEVPATH=/devices/x/ttyUSB0\0DEVNAME=/dev/ttyUSB0\0ID_BUS=usb\0SEQNUM=12\0"));

        Assert.Equal("/devices/x/ttyUSB0", change.DevPath);
        Assert.Equal("usb", change.Properties["ID_BUS"]);
        Assert.Equal(12UL, change.Sequence);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var change = DeviceMessage.ParseKernel(Encoding.UTF8.GetBytes(Kernel));

        var again = DeviceMessage.ParseKernel(DeviceMessage.Write(change));

        Assert.Equal(change.DevPath, again.DevPath);
        Assert.Equal(change.Properties, again.Properties);
    }

    [Theory]
    [InlineData("")]
    [InlineData("add")]
    [InlineData("@/devices/x\0A=b\0")]
    [InlineData("add@devices/x\0")]
    [InlineData("add@/devices/../../etc/x\0")]
    [InlineData("add@/devices//x\0")]
    [InlineData("ADD now@/devices/x\0")]
    [InlineData("add@/devices/x\0no property\0")]
    [InlineData("add@/devices/x\0=value\0")]
    [InlineData("add@/devices/x\0KEY WITH SPACE=value\0")]
    public void What_is_no_message_is_refused(string text) =>
        Assert.Throws<InvalidDataException>(() => DeviceMessage.ParseKernel(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Bytes_that_are_no_text_are_refused() =>
        Assert.Throws<InvalidDataException>(() => DeviceMessage.ParseKernel([.. "add@/devices/x\0NAME="u8, 0xff, 0xfe, 0]));

    [Fact]
    public void A_huge_message_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => DeviceMessage.ParseKernel(Encoding.UTF8.GetBytes("add@/devices/x\0A=" + new string('x', 70_000))));
        var many = string.Concat(Enumerable.Range(0, 2000).Select(i => $"K{i}=v\0"));
        Assert.Throws<InvalidDataException>(() => DeviceMessage.ParseKernel(Encoding.UTF8.GetBytes("add@/devices/x\0" + many)));
    }

    [Fact]
    public void A_damaged_message_is_an_event_or_refused()
    {
        var random = new Random(7);
        byte[][] valid = [Encoding.UTF8.GetBytes(Kernel), Udev("ACTION=add\0DEVPATH=/devices/x\0A=b\0")];
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = (byte[])valid[round % 2].Clone();
            for (var i = random.Next(1, 4); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var length = random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length;
            try
            {
                var change = round % 2 == 0 ? DeviceMessage.ParseKernel(bytes.AsSpan(0, length)) : DeviceMessage.ParseUdev(bytes.AsSpan(0, length));
                Assert.StartsWith("/", change.DevPath);
                Assert.DoesNotContain("..", change.DevPath.Split('/'));
            }
            catch (InvalidDataException)
            {
                // the other ending
            }
        }
    }

    [Theory]
    [InlineData(16, 0u)]
    [InlineData(16, 5000u)]
    [InlineData(20, uint.MaxValue)]
    [InlineData(8, 1u)]
    public void A_header_of_udev_that_lies_is_refused(int offset, uint value)
    {
        var message = Udev("ACTION=add\0DEVPATH=/devices/x\0");
        BitConverter.TryWriteBytes(message.AsSpan(offset), value);
        Assert.Throws<InvalidDataException>(() => DeviceMessage.ParseUdev(message));
    }

    [Fact]
    public void A_line_that_a_person_types_is_an_event()
    {
        var change = EventLine.Parse("add ttyUSB0 SUBSYSTEM=tty \"ID_MODEL=a b\"", _ => null);
        var known = EventLine.Parse("remove /dev/ttyUSB1", name => name == "ttyUSB1" ? "/devices/y/ttyUSB1" : null);

        Assert.Equal("/devices/sent/ttyUSB0", change.DevPath);
        Assert.Equal("a b", change.Properties["ID_MODEL"]);
        Assert.Equal("/dev/ttyUSB0", change.Properties["DEVNAME"]);
        Assert.Equal("/devices/y/ttyUSB1", known.DevPath);
        foreach (var wrong in (string[])["", "add", "add x y", "add ../../x", "add x \"A=b", "Add x"])
            Assert.Throws<InvalidDataException>(() => EventLine.Parse(wrong, _ => null));
    }

    private static byte[] Udev(string properties)
    {
        var bytes = Encoding.UTF8.GetBytes(properties);
        var message = new byte[40 + bytes.Length];
        "libudev\0"u8.CopyTo(message);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), 0xfeedcafe);
        BitConverter.TryWriteBytes(message.AsSpan(12), 40u);
        BitConverter.TryWriteBytes(message.AsSpan(16), 40u);
        BitConverter.TryWriteBytes(message.AsSpan(20), (uint)bytes.Length);
        bytes.CopyTo(message, 40);
        return message;
    }
}
