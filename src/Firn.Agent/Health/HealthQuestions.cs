using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using Firn.Formats.Agents;
using Firn.Linux.Devices;
using Firn.Linux.Processes;

namespace Firn.Agent.Health;

/// <summary>What the built-in checks ask. Each answers null when all is well, else what is not.</summary>
internal static class HealthQuestions
{
    private const int ProblemLimit = 400;

    /// <param name="limit">By then there is an answer.</param>
    public static string? Problem(HealthCheckLine check, TimeSpan limit) => check.Kind switch
    {
        "units" => Units(check.Arguments, limit),
        "http" => HttpAsync(check.Arguments[0], check.Arguments.Length > 1 ? int.Parse(check.Arguments[1], CultureInfo.InvariantCulture) : null, limit).GetAwaiter().GetResult(),
        "tcp" => TcpAsync(check.Arguments[0], limit).GetAwaiter().GetResult(),
        "command" => Program(check.Arguments[0], check.Arguments[1..], limit),
        "disk" => Disk(check.Arguments[0], check.Arguments[1]),
        "time" => SystemClock.IsSynchronized ? null : "the clock is not synchronized",
        "gateway" => DefaultGateway.Problem(limit),
        _ => new ContainerQuestion((program, arguments) => Program(program, arguments, limit)).Problem(check.Arguments),
    };

    private static string? Units(ImmutableArray<string> units, TimeSpan limit)
    {
        var states = ProgramRun.Run("systemctl", ["is-active", .. units], limit).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (states.Length != units.Length) return $"systemctl does not say: {string.Join("; ", states)}";
        var inactive = units.Zip(states).Where(pair => pair.Second != "active").Select(pair => $"{pair.First} is {pair.Second}").ToArray();
        return inactive.Length == 0 ? null : string.Join(", ", inactive);
    }

    private static async Task<string?> HttpAsync(string url, int? expected, TimeSpan limit)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = limit };
        try
        {
            using var answer = await client.GetAsync(new Uri(url), HttpCompletionOption.ResponseHeadersRead);
            var isRight = expected is { } status ? (int)answer.StatusCode == status : answer.IsSuccessStatusCode;
            return isRight ? null : $"status {(int)answer.StatusCode}, expected {expected?.ToString(CultureInfo.InvariantCulture) ?? "200 to 299"}";
        }
        catch (HttpRequestException error)
        {
            return error.Message;
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {limit.TotalSeconds:0} s";
        }
    }

    private static async Task<string?> TcpAsync(string place, TimeSpan limit)
    {
        HealthCheckLine.TryPlace(place, out var host, out var port);
        using var client = new TcpClient();
        using var time = new CancellationTokenSource(limit);
        try
        {
            await client.ConnectAsync(host, port, time.Token);
            return null;
        }
        catch (SocketException error)
        {
            return error.Message;
        }
        catch (OperationCanceledException)
        {
            return $"no connection within {limit.TotalSeconds:0} s";
        }
    }

    private static string? Program(string file, IEnumerable<string> arguments, TimeSpan limit)
    {
        var result = ProgramRun.Run(file, arguments, limit);
        if (result.Succeeded) return null;
        var output = result.Output.Trim().ReplaceLineEndings("; ");
        if (output.Length > ProblemLimit) output = output[^ProblemLimit..];
        return (result.TimedOut ? $"did not end within {limit.TotalSeconds:0} s" : $"ended with exit code {result.ExitCode}") + (output.Length > 0 ? $": {output}" : "");
    }

    private static string? Disk(string path, string size)
    {
        HealthCheckLine.TrySize(size, out var needed);
        var free = new DriveInfo(path).AvailableFreeSpace;
        return free >= needed ? null : $"{free >> 20} MiB are free, expected {needed >> 20}";
    }
}
