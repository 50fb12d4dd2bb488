using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>A real USB serial adapter in a machine without udev, plugged in and pulled out; then two with the same serial number.</summary>
public sealed class SerialAdaptersAreServed
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact, Trait("When", "Night")]
    public void Two_adapters_with_one_serial_number_are_served_and_released()
    {
        var image = TestImages.Build("tiny-devices", "tiny", WithDevices);
        using var machine = new VirtualMachine(TestMachine.WithImage(Path.Combine(image, "disk.img")));
        machine.Start(TestContext.Current.CancellationToken);
        machine.Console.WaitFor("watching for devices", Limit * 2, cancellation: TestContext.Current.CancellationToken);

        machine.AttachUsbSerial("one", "VE1234XX");
        Await("start gps@VE1234XX DEVNAME=\"/dev/ttyUSB0\"");
        machine.AttachUsbSerial("two", "VE1234XX");
        Await("start gps@VE1234XX-pci-.*-usb-.* DEVNAME=\"/dev/ttyUSB1\"");
        Assert.Matches("/dev/ttyUSB0 +devices.yaml:2 +gps@VE1234XX +running\n/dev/ttyUSB1 +devices.yaml:2 +gps@VE1234XX-pci.* +running\n", Run("firn device list"));
        Assert.Contains("fits: ID_BUS is 'usb', ID_VENDOR_ID is '0403'", Run("firn device match ttyUSB1"));
        Assert.Contains("ttyUSB1 has the same serial number", Run("firn device suggest ttyUSB0 2>&1"));

        machine.DetachUsbSerial("one");
        Await("stop gps@VE1234XX ");
        // a daemon that is killed before it has written down what it did has the next one do it again
        Run("i=0; while firn device list | grep -q ttyUSB0 && [ $i -lt 300 ]; do busybox usleep 100000; i=$((i + 1)); done");
        // what goes while no daemon runs is found out by the next one
        Run("kill -9 $(cat /run/device.pid); until [ ! -d /proc/$(cat /run/device.pid) ]; do busybox usleep 100000; done");
        machine.DetachUsbSerial("two");
        Run("firn device run --manager /usr/bin/handler > /run/device.log 2>&1 & :");
        Await("stop gps@VE1234XX-pci-.*");

        Assert.Equal("DEVICE               RULE                 UNIT                             STATE\n", Run("firn device list"));
        Assert.Equal(4, Run("cat /run/handler.log").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        void Await(string order) =>
            Run($"i=0; until grep -q '^{order}' /run/handler.log || [ $i = 300 ]; do busybox usleep 100000; i=$((i + 1)); done; grep '^{order}' /run/handler.log");

        string Run(string command)
        {
            var result = machine.RunCommand(command, Limit, TestContext.Current.CancellationToken);
            Assert.True(result.ExitCode == 0, $"{command}: {result.ExitCode}\n{result.Output}\n{machine.Console.Text}");
            return result.Output;
        }
    }

    private static string WithDevices(string text) => text
        .Replace("linux-image-cloud-amd64", "linux-image-amd64")
        .Replace("remove: [", "remove: [/usr/lib/firmware, ")
        .Replace("firn update confirm --when-healthy &",
            "modprobe -a -q xhci_pci usbserial ftdi_sio\n      firn device run --manager /usr/bin/handler > /dev/console 2>&1 &\n"
            + "      echo $! > /run/device.pid")
        .Replace("files:\n", """
            files:
              - path: /usr/bin/handler
                mode: "0755"
                content: |
                  #!/bin/busybox sh
                  echo "$1 $2 $(busybox grep DEVNAME "$3")" >> /run/handler.log

            """)
        + "devices: { rules: [devices.yaml] }\n";
}
