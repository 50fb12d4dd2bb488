using Firn.Devices.Recording;
using Firn.Tests.Devices.State;

namespace Firn.Tests.Devices.Recording;

public sealed class RecordingTests
{
    [Fact]
    public void A_recording_is_replayed_with_its_own_time()
    {
        using var file = new MemoryStream();
        foreach (var (ms, change) in new[]
        {
            (1000, World.Adapter("add", "ttyUSB0")), (1100, World.Adapter("remove", "ttyUSB0")),
            (1200, World.Adapter("add", "ttyUSB0")), (9000, World.Adapter("remove", "ttyUSB0")),
        }) file.Write(new RecordedEvent(TimeSpan.FromMilliseconds(ms), change).ToLine());
        file.Position = 0;

        var events = RecordedEvent.ReadAll(new StreamReader(file), "test");
        var orders = Replay.Run(events, TestRules.Of("udev: [ { match: { ID_BUS: usb }, service: gps, settle: 500ms, stopDelay: 1m } ]"));

        Assert.Equal(["1.7 start gps@ttyUSB0", "69 stop gps@ttyUSB0"], orders.Select(order => $"{order.After.TotalSeconds} {order.Order}"));
    }

    [Theory]
    [InlineData("{", "test:1: this is no recorded event")]
    [InlineData("[]", "test:1: this is no recorded event")]
    [InlineData("{\"ms\":-1,\"action\":\"add\",\"devpath\":\"/devices/x\",\"properties\":{}}", "test:1: a time of -1 ms")]
    [InlineData("{\"ms\":1,\"action\":\"add\",\"devpath\":\"/../x\",\"properties\":{}}", "test:1: DEVPATH is no path below /sys")]
    [InlineData("{\"ms\":1,\"action\":\"add\",\"devpath\":\"/devices/x\",\"properties\":{\"a\":1}}", "test:1: this is no recorded event")]
    public void A_recording_that_is_wrong_is_told_with_its_line(string line, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<InvalidDataException>(() => RecordedEvent.ReadAll(new StringReader(line), "test")).Message);
}
