using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Firn.Linux.Processes;

/// <summary>How a program that was run came to its end.</summary>
/// <param name="ExitCode">128 + the signal's number when a signal ended it.</param>
/// <param name="TimedOut">It was killed because its time was over; the exit code means nothing then.</param>
/// <param name="Output">The last of what it wrote to stdout and stderr, as it came.</param>
public sealed record ProgramResult(int ExitCode, bool TimedOut, string Output)
{
    public bool Succeeded => ExitCode == 0 && !TimedOut;
}

/// <summary>Runs a program to its end, with a time limit and bounded output.</summary>
public static class ProgramRun
{
    private const int OutputLimit = 16 << 10;

    /// <summary>Grandchildren may hold the output open; we do not wait for them longer than this.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    /// <exception cref="FileNotFoundException">The program cannot be started.</exception>
    public static ProgramResult Run(string file, IEnumerable<string> arguments, TimeSpan timeLimit)
    {
        using var process = new Process
        {
            StartInfo = new(file, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            },
        };
        var output = new Tail(OutputLimit);
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            throw new FileNotFoundException($"{file}: cannot be run: {error.Message}", file, error);
        }
        process.StandardInput.Close();
        var copies = Task.WhenAll(output.CopyFrom(process.StandardOutput), output.CopyFrom(process.StandardError));

        var inTime = process.WaitForExit(timeLimit);
        if (!inTime)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(OutputGrace);
        }
        copies.Wait(OutputGrace);
        return new(inTime ? process.ExitCode : -1, !inTime, output.ToString());
    }

    /// <summary>The last characters of what two streams bring.</summary>
    private sealed class Tail(int limit)
    {
        private readonly StringBuilder _text = new();

        public async Task CopyFrom(StreamReader stream)
        {
            var buffer = new char[4096];
            while (await stream.ReadAsync(buffer) is > 0 and var count) Add(buffer.AsSpan(0, count));
        }

        private void Add(ReadOnlySpan<char> characters)
        {
            lock (_text)
            {
                _text.Append(characters);
                if (_text.Length > limit) _text.Remove(0, _text.Length - limit);
            }
        }

        public override string ToString()
        {
            lock (_text) return _text.ToString();
        }
    }
}
