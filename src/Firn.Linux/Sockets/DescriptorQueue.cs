using System.Text;
using Firn.Linux.Events;
using Firn.Linux.Interop;

namespace Firn.Linux.Sockets;

/// <summary>
/// Descriptors kept in the queue of a socket pair: they stay open as long as anyone holds the pair, whoever put them
/// there; SCM_RIGHTS, unix(7). Reading them leaves them where they are (MSG_PEEK), so a reader may die at any moment.
/// </summary>
public sealed unsafe class DescriptorQueue(Descriptor sending, Descriptor receiving)
{
    /// <summary>The kernel takes 253 in one message (SCM_MAX_FD).</summary>
    public const int MostInMessage = 200;

    private const int LongestText = 64 << 10;
    private const int ControlHeader = 16;

    public Descriptor Sending { get; } = sending;
    public Descriptor Receiving { get; } = receiving;

    public static DescriptorQueue Create()
    {
        var ends = stackalloc int[2];
        SystemCall.Check(
            Libc.SocketPair(Libc.UnixFamily, Libc.SequencedPackets | Libc.CloseOnExec | Libc.NonBlocking, 0, ends), "socketpair", "of this process");
        return new(new(ends[0]), new(ends[1]));
    }

    /// <summary>Puts descriptors at the end, with a text that says what they are.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryAdd(string text, IReadOnlyList<Descriptor> descriptors)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length is 0 or > LongestText) throw new ArgumentException("text of a wrong length", nameof(text));
        var controlLength = ControlHeader + (descriptors.Count * sizeof(int));
        var control = stackalloc byte[controlLength + 8];
        *(nuint*)control = (nuint)controlLength;
        *(int*)(control + 8) = Libc.SocketLevel;
        *(int*)(control + 12) = Libc.Rights;
        for (var i = 0; i < descriptors.Count; i++) ((int*)(control + ControlHeader))[i] = descriptors[i].Number;
        fixed (byte* start = bytes)
        {
            var vector = new IoVector { Start = start, Length = (nuint)bytes.Length };
            var message = new MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (descriptors.Count > 0)
            {
                message.Control = control;
                message.ControlLength = (nuint)((controlLength + 7) & ~7);
            }
            return Libc.Send(Sending.Number, &message, Libc.NoSignal | Libc.DoNotWait) == bytes.Length;
        }
    }

    /// <summary>Everything in the queue, in order; it stays there.</summary>
    public List<QueuedMessage> Peek()
    {
        var messages = new List<QueuedMessage>();
        var offset = 0;
        SetPeekOffset(0);    // the kernel moves it on with every look
        while (TryReceive(Libc.Peek, out var text, out var descriptors))
        {
            messages.Add(new(text, descriptors));
            offset += Encoding.UTF8.GetByteCount(text);
            SetPeekOffset(offset);
        }
        SetPeekOffset(-1);
        return messages;
    }

    /// <summary>Takes the first <paramref name="count"/> messages out.</summary>
    public void Drop(int count)
    {
        for (; count > 0 && TryReceive(0, out _, out var descriptors); count--)
            foreach (var descriptor in descriptors) descriptor.Dispose();
    }

    private void SetPeekOffset(int offset) =>
        _ = Libc.SetOption(Receiving.Number, Libc.SocketLevel, Libc.PeekOffset, &offset, sizeof(int));

    private bool TryReceive(int flags, out string text, out List<Descriptor> descriptors)
    {
        (text, descriptors) = ("", []);
        var buffer = new byte[LongestText];
        const int controlRoom = ControlHeader + (256 * sizeof(int));
        var control = stackalloc byte[controlRoom];
        fixed (byte* start = buffer)
        {
            var vector = new IoVector { Start = start, Length = LongestText };
            var message = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = controlRoom };
            var length = (int)Libc.Receive(Receiving.Number, &message, flags | Libc.DoNotWait | Libc.CloseOnExecMessage);
            if (length <= 0) return false;
            text = Encoding.UTF8.GetString(buffer, 0, length);
            if (message.ControlLength < ControlHeader || *(int*)(control + 12) != Libc.Rights) return true;
            var count = ((int)*(nuint*)control - ControlHeader) / sizeof(int);
            for (var i = 0; i < count; i++) descriptors.Add(new(((int*)(control + ControlHeader))[i]));
            return true;
        }
    }
}
