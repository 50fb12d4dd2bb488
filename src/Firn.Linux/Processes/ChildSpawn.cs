using System.Runtime.InteropServices;
using System.Text;
using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

/// <summary>How a child opens what it is given as its input or output.</summary>
public enum ChildStream { Read, ReadWrite, Append }

/// <summary>
/// A program about to be started, in a session of its own, with all signals as they are by default (the runtime changes
/// some for itself); posix_spawn(3). Streams are opened by path in the child: <c>/proc/self/fd/N</c> for one that is open.
/// </summary>
public sealed unsafe class ChildSpawn
{
    private readonly List<OpenedStream> _streams = [];

    /// <summary>A path, or a name that is looked for in the PATH of this process.</summary>
    public required string Program { get; init; }

    /// <summary>With the program's own name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary><c>NAME=value</c>; all that the child gets.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    public string? WorkingDirectory { get; init; }

    public ChildSpawn Open(int number, string path, ChildStream use)
    {
        _streams.Add(new(number, path, use));
        return this;
    }

    /// <returns>The new process, or the error number of what failed: the first thing a child does may be to fail.</returns>
    public (int Pid, int Error) Start()
    {
        var attributes = stackalloc byte[Libc.SpawnObjectSize];
        var actions = stackalloc byte[Libc.SpawnObjectSize];
        var signals = stackalloc byte[Libc.SpawnObjectSize];
        var strings = (byte*)NativeMemory.Alloc((nuint)SizeOfStrings());
        var next = strings;
        _ = Libc.InitializeAttributes(attributes);
        _ = Libc.InitializeFileActions(actions);
        try
        {
            _ = Libc.SetFlags(attributes, SpawnFlags.NewSession | SpawnFlags.SignalMask | SpawnFlags.ResetSignals);
            _ = Libc.EmptySignals(signals);
            _ = Libc.SetSignalMask(attributes, signals);
            _ = Libc.AllSignals(signals);
            _ = Libc.SetDefaultSignals(attributes, signals);
            foreach (var (number, path, use) in _streams)
                _ = Libc.AddOpen(actions, number, Native(path, ref next), FlagsOf(use), 0x180);
            _ = Libc.AddDuplicate(actions, 1, 2);
            if (WorkingDirectory is not null) _ = Libc.AddChangeDirectory(actions, Native(WorkingDirectory, ref next));
            var arguments = stackalloc byte*[Arguments.Count + 1];
            for (var i = 0; i < Arguments.Count; i++) arguments[i] = Native(Arguments[i], ref next);
            arguments[Arguments.Count] = null;
            var environment = stackalloc byte*[Environment.Count + 1];
            for (var i = 0; i < Environment.Count; i++) environment[i] = Native(Environment[i], ref next);
            environment[Environment.Count] = null;
            var isUsual = DescriptorLimit.BeginUsual();
            var error = Libc.Spawn(out var pid, Native(Program, ref next), actions, attributes, arguments, environment);
            if (isUsual) DescriptorLimit.Restore();
            else if (error == 0) DescriptorLimit.Lower(pid);
            return error == 0 ? (pid, 0) : (0, error);
        }
        finally
        {
            _ = Libc.DestroyFileActions(actions);
            _ = Libc.DestroyAttributes(attributes);
            NativeMemory.Free(strings);
        }
    }

    private static OpenFlags FlagsOf(ChildStream use) => use switch
    {
        ChildStream.Read => OpenFlags.ReadOnly,
        ChildStream.ReadWrite => OpenFlags.ReadWrite,
        _ => OpenFlags.WriteOnly | OpenFlags.Append | OpenFlags.Create,
    };

    private int SizeOfStrings()
    {
        var size = SizeOf(Program);
        if (WorkingDirectory is not null) size += SizeOf(WorkingDirectory);
        foreach (var (_, path, _) in _streams) size += SizeOf(path);
        foreach (var argument in Arguments) size += SizeOf(argument);
        foreach (var variable in Environment) size += SizeOf(variable);
        return size;
    }

    private static int SizeOf(string text) => Encoding.UTF8.GetByteCount(text) + 1;

    private static byte* Native(string text, ref byte* next)
    {
        var copy = next;
        var length = Encoding.UTF8.GetBytes(text, new Span<byte>(copy, SizeOf(text)));
        copy[length] = 0;
        next += length + 1;
        return copy;
    }

    private sealed record OpenedStream(int Number, string Path, ChildStream Use);
}
