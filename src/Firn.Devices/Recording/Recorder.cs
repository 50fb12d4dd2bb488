using Firn.Devices.Events;
using Firn.Devices.Sources;
using Firn.Linux.Events;
using Firn.Linux.Sockets;

namespace Firn.Devices.Recording;

/// <summary>Writes down what the kernel or udev tells.</summary>
public static class Recorder
{
    /// <param name="isUdev">What udev tells rather than the kernel.</param>
    /// <param name="attributes">Keys such as <c>ATTRS.product</c> that are to be known of each device.</param>
    /// <param name="most">Ends after so many events; 0: only with <paramref name="cancellation"/>.</param>
    /// <param name="ready">Called when nothing is missed any more.</param>
    public static int Run(
        Stream file, DeviceTree tree, bool isUdev, IReadOnlyCollection<string> attributes, int most, TimeProvider clock, Action ready, CancellationToken cancellation)
    {
        using var socket = UeventSocket.Open(isUdev ? UeventGroup.Udev : UeventGroup.Kernel);
        using var poll = new EventPoll();
        using var wakeUp = new WakeUp();
        poll.Add(socket, PollEvents.Read, 1);
        poll.Add(wakeUp.Descriptor, PollEvents.Read, 2);
        using var registration = cancellation.Register(wakeUp.Signal);
        var began = clock.GetTimestamp();
        var buffer = new byte[PropertyList.LongestMessage];
        var count = 0;
        ready();
        while (!cancellation.IsCancellationRequested)
        {
            poll.Wait(-1);
            while (UeventSocket.Receive(socket, buffer, out var sender) is >= 0 and var length)
            {
                if (!sender.IsWhole || sender.User != 0 || (!isUdev && sender.Port != 0)) continue;
                try
                {
                    var change = isUdev ? DeviceMessage.ParseUdev(buffer.AsSpan(0, length)) : DeviceMessage.ParseKernel(buffer.AsSpan(0, length));
                    file.Write(new RecordedEvent(clock.GetElapsedTime(began), tree.Describe(change, attributes)).ToLine());
                }
                catch (InvalidDataException)
                {
                    continue;    // no event
                }
                file.Flush();    // whoever is interrupted keeps what came
                if (++count == most) return count;
            }
        }
        return count;
    }
}
