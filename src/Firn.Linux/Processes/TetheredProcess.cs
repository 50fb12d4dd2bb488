using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Firn.Linux.Processes;

/// <summary>
/// A child process that cannot outlive this one, however this one ends: the kernel kills it with its parent
/// (prctl(2), PR_SET_PDEATHSIG). Disposing kills it, too.
/// </summary>
/// <remarks>
/// The kernel's tether is to the thread that forked, so each child has a thread that lives as long as it does. The
/// setting must be made in the child, between fork and exec, where no managed code can run: setpriv(1) makes it, and
/// a shell then looks whether the parent still is the parent, because the signal tells of later deaths only.
/// </remarks>
public sealed class TetheredProcess : IDisposable
{
    private const int OutputLimit = 256 << 10;
    private static readonly HostTool SetPriv = new("setpriv", "util-linux");

    /// <summary>Descendants may hold the output open; nobody waits for them longer than this.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromMilliseconds(500);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly ManualResetEventSlim _started = new();
    private readonly ManualResetEventSlim _exited = new();
    private Win32Exception? _failure;

    private TetheredProcess(ProcessStartInfo start, bool keepsOutput)
    {
        _process = new Process { StartInfo = start };
        new Thread(() => Live(keepsOutput)) { IsBackground = true, Name = "tether" }.Start();
        _started.Wait();
        if (_failure is not null) throw new IOException($"{start.FileName}: {_failure.Message}", _failure);
    }

    /// <summary>Starts a program whose input is empty and whose last 256 KiB of output are kept.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static TetheredProcess Start(
        string program, IEnumerable<string> arguments, string? workingDirectory = null,
        IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        var start = Describe("exec \"$@\" </dev/null 2>&1", program, arguments);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = workingDirectory ?? "";
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        return new(start, keepsOutput: true);
    }

    /// <summary>Starts a program that uses our own terminal.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static TetheredProcess StartOnTerminal(string program, IEnumerable<string> arguments) =>
        new(Describe("exec \"$@\"", program, arguments), keepsOutput: false);

    /// <summary>Becomes set when the process has ended and its output is complete.</summary>
    public WaitHandle Exited => _exited.WaitHandle;
    public bool HasExited => _exited.IsSet;
    public int Id => _process.Id;

    /// <summary>128 + the signal's number when a signal ended it. Null while it runs.</summary>
    public int? ExitCode => HasExited ? _process.ExitCode : null;

    /// <summary>The last 256 KiB of what it wrote to stdout and stderr so far.</summary>
    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    /// <returns>False when the time was over first.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled; the process goes on.</exception>
    public bool WaitForExit(TimeSpan timeLimit, CancellationToken cancellation = default) =>
        _exited.Wait(timeLimit, cancellation);

    /// <summary>Kills the process and its descendants (SIGKILL) and waits for its end.</summary>
    public void Kill()
    {
        if (!HasExited) _process.Kill(entireProcessTree: true);
        _exited.Wait();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
        _exited.Dispose();
        _started.Dispose();
    }

    private static ProcessStartInfo Describe(string exec, string program, IEnumerable<string> arguments) =>
        new(SetPriv.Locate(),
        [
            "--pdeathsig", "KILL", "sh", "-c", $"[ \"$PPID\" = \"$0\" ] && {exec}",
            $"{Environment.ProcessId}", program, .. arguments,
        ])
        { UseShellExecute = false };

    private void Live(bool keepsOutput)
    {
        try
        {
            _process.Start();
        }
        catch (Win32Exception error)
        {
            _failure = error;
            _exited.Set();
            return;
        }
        finally
        {
            _started.Set();
        }
        var readers = keepsOutput ? StartReaders() : [];
        _process.WaitForExit();
        foreach (var reader in readers) reader.Join(OutputGrace);
        _exited.Set();
    }

    private Thread[] StartReaders()
    {
        _process.StandardInput.Close();
        Thread[] readers = [new(() => Collect(_process.StandardOutput)), new(() => Collect(_process.StandardError))];
        foreach (var reader in readers)
        {
            reader.IsBackground = true;
            reader.Start();
        }
        return readers;
    }

    private void Collect(StreamReader stream)
    {
        var buffer = new char[4096];
        try
        {
            while (stream.Read(buffer) is > 0 and var count)
                lock (_output)
                {
                    _output.Append(buffer, 0, count);
                    if (_output.Length > OutputLimit) _output.Remove(0, _output.Length - OutputLimit);
                }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // Disposed while a descendant still held the pipe: what came until then is what there is.
        }
    }
}
