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
    private readonly List<(int Number, string Path, ChildStream Use)> _streams = [];

    /// <summary>A path, or a name that is looked for in the PATH of this process.</summary>
    public required string Program { get; init; }

    /// <summary>With the program's own name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary><c>NAME=value</c>; all that the child gets.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    public string? WorkingDirectory { get; init; }

    public ChildSpawn Open(int number, string path, ChildStream use)
    {
        _streams.Add((number, path, use));
        return this;
    }

    /// <returns>The new process, or the error number of what failed: the first thing a child does may be to fail.</returns>
    public (int Pid, int Error) Start()
    {
        var attributes = stackalloc byte[Libc.SpawnObjectSize];
        var actions = stackalloc byte[Libc.SpawnObjectSize];
        var signals = stackalloc byte[Libc.SpawnObjectSize];
        var strings = new List<nint>();
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
                _ = Libc.AddOpen(actions, number, Native(path, strings), FlagsOf(use), 0x180);
            _ = Libc.AddDuplicate(actions, 1, 2);
            if (WorkingDirectory is not null) _ = Libc.AddChangeDirectory(actions, Native(WorkingDirectory, strings));
            var arguments = stackalloc byte*[Arguments.Count + 1];
            for (var i = 0; i < Arguments.Count; i++) arguments[i] = Native(Arguments[i], strings);
            arguments[Arguments.Count] = null;
            var environment = stackalloc byte*[Environment.Count + 1];
            for (var i = 0; i < Environment.Count; i++) environment[i] = Native(Environment[i], strings);
            environment[Environment.Count] = null;
            var error = Libc.Spawn(out var pid, Native(Program, strings), actions, attributes, arguments, environment);
            return error == 0 ? (pid, 0) : (0, error);
        }
        finally
        {
            _ = Libc.DestroyFileActions(actions);
            _ = Libc.DestroyAttributes(attributes);
            foreach (var text in strings) NativeMemory.Free((void*)text);
        }
    }

    private static OpenFlags FlagsOf(ChildStream use) => use switch
    {
        ChildStream.Read => OpenFlags.ReadOnly,
        ChildStream.ReadWrite => OpenFlags.ReadWrite,
        _ => OpenFlags.WriteOnly | OpenFlags.Append | OpenFlags.Create,
    };

    private static byte* Native(string text, List<nint> strings)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var copy = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(copy, length));
        copy[length] = 0;
        strings.Add((nint)copy);
        return copy;
    }
}
