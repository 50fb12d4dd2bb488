using System.Diagnostics;
using Firn.Images.Building;

namespace Firn.Images.Content;

/// <summary>
/// A program of the build machine that takes its time: its input can be fed, its output kept or shown line by line. It
/// does not outlive this program: the kernel sends it <see cref="LastSignal"/> then (setpriv(1), prctl(2)).
/// </summary>
internal sealed class BuildProgram(string name, string debianPackage)
{
    private const int TailLines = 20;
    private const int LongestLine = 400;

    private readonly Queue<string> _tail = [];

    /// <summary>TERM for programs that clean up after themselves.</summary>
    public string LastSignal { get; init; } = "KILL";
    public Dictionary<string, string> Environment { get; } = new() { ["LC_ALL"] = "C.UTF-8" };

    /// <summary>Feeds standard input, which is empty otherwise.</summary>
    public Action<Stream>? Input { get; init; }

    /// <summary>Where standard output goes; if nowhere, its lines are shown like those of standard error.</summary>
    public Stream? Output { get; init; }

    /// <summary>Told every line; says whether the line is worth keeping for <see cref="Tail"/>.</summary>
    public Predicate<string>? OnLine { get; init; }

    /// <summary>The last lines it wrote, for messages.</summary>
    public string Tail
    {
        get { lock (_tail) return string.Join('\n', _tail); }
    }

    /// <exception cref="ToolException">Not installed, or it failed: with the last lines it wrote.</exception>
    public void Run(IEnumerable<string> arguments)
    {
        var exitCode = RunToEnd(arguments);
        if (exitCode != 0) throw new ToolException($"{name} failed with exit code {exitCode}:\n{Tail}");
    }

    /// <summary>As <see cref="Run"/>, but an exit code other than 0 is an answer.</summary>
    public int RunToEnd(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Find("setpriv", "util-linux"), ["--pdeathsig", LastSignal, Find(name, debianPackage), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (variable, value) in Environment) start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        var errors = Task.Run(() => OrKill(process, () => ReadLines(process.StandardError)));
        var output = Task.Run(() => OrKill(process, () =>
        {
            if (Output is null) ReadLines(process.StandardOutput);
            else process.StandardOutput.BaseStream.CopyTo(Output, 1 << 20);
        }));
        OrKill(process, () => Feed(process));
        errors.GetAwaiter().GetResult();
        output.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>When our own side fails (a full disk, a source that cannot be read), nobody waits for the program.</summary>
    private static void OrKill(Process process, Action work)
    {
        try
        {
            work();
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    private void Feed(Process process)
    {
        using var input = process.StandardInput.BaseStream;
        if (Input is null) return;
        try
        {
            Input(input);
        }
        catch (IOException) when (process.WaitForExit(TimeSpan.FromSeconds(1)))
        {
            // It ended without reading everything; its exit code tells why.
        }
    }

    private void ReadLines(StreamReader lines)
    {
        while (lines.ReadLine() is { } line)
        {
            if (line.Length > LongestLine) line = line[..LongestLine] + "…";
            if (OnLine?.Invoke(line) == false) continue;
            lock (_tail)
            {
                _tail.Enqueue(line);
                if (_tail.Count > TailLines) _tail.Dequeue();
            }
        }
    }

    /// <summary>Users have no sbin in their PATH, but may run what is there.</summary>
    public static string Find(string name, string debianPackage) =>
        $"{System.Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists)
        ?? throw new ToolException($"{name} is not installed; install the package {debianPackage}");
}
