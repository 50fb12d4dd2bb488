using System.Text;
using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

/// <summary>What this process can make of itself.</summary>
public static unsafe class CurrentProcess
{
    public static int Parent => Libc.GetParent();

    public static uint User => Libc.GetUser();

    /// <summary>From now on orphans among its descendants become its children; survives <see cref="Replace"/>; prctl(2).</summary>
    public static void BecomeSubreaper() =>
        SystemCall.Check(Libc.ProcessControl(Libc.SetChildSubreaper, 1, 0, 0, 0), "become subreaper", "this process");

    /// <summary>Keeps a signal from this thread; survives <see cref="Replace"/>, and children have it so, too; pthread_sigmask(3).</summary>
    public static void Block(int signal)
    {
        var signals = stackalloc byte[Libc.SpawnObjectSize];
        _ = Libc.EmptySignals(signals);
        _ = Libc.AddSignal(signals, signal);
        _ = Libc.ChangeSignalMask(Libc.BlockSignals, signals, null);
    }

    /// <summary>Gives a descriptor a certain number, under which it is still there after <see cref="Replace"/>.</summary>
    public static void Pass(Events.Descriptor descriptor, int number) =>
        SystemCall.Check(Libc.Duplicate(descriptor.Number, number), "pass descriptor", $"{number}");

    /// <summary>Becomes another program, with the same number, parent and children; execve(2). Returns only to fail.</summary>
    public static void Replace(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        var argumentList = stackalloc byte*[arguments.Count + 1];
        for (var i = 0; i < arguments.Count; i++) argumentList[i] = Native(arguments[i]);
        argumentList[arguments.Count] = null;
        var environmentList = stackalloc byte*[environment.Count + 1];
        for (var i = 0; i < environment.Count; i++) environmentList[i] = Native(environment[i]);
        environmentList[environment.Count] = null;
        SystemCall.Check(Libc.Execute(Native(path), argumentList, environmentList), "exec", path);
    }

    /// <summary>Never freed: it is read while this program goes away.</summary>
    private static byte* Native(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text + "\0");
        var copy = (byte*)System.Runtime.InteropServices.NativeMemory.Alloc((nuint)bytes.Length);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        return copy;
    }
}
