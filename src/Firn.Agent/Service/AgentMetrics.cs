using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Firn.Machine.Boot;

namespace Firn.Agent.Service;

/// <summary>The status as Prometheus reads it, on 127.0.0.1: <c>GET /metrics</c>, and nothing else.</summary>
public static class AgentMetrics
{
    private const int HeadLimit = 4096, AtOnce = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Prometheus text format 0.0.4.</summary>
    public static string Text(AgentStatus status)
    {
        var text = new StringBuilder();
        Add("firn_info", "gauge", "What runs.", 1, $"{{version=\"{Escape(status.Running ?? "")}\",slot=\"{status.Slot.ToString().ToLowerInvariant()}\"}}");
        Add("firn_confirmed", "gauge", "Whether what runs has proved itself.", status.IsConfirmed ? 1 : 0);
        if (status.Verity is { } verity)
            Add("firn_root_image_damaged", "gauge", "Whether blocks of the root image were read that are not those that were built.", verity == RootVerity.Corrupted ? 1 : 0);
        Add("firn_update_available", "gauge", "Whether a release can be installed.", status.Offered is null ? 0 : 1);
        Add("firn_reboot_pending", "gauge", "Whether an installed release waits for a restart.", status.Pending is null ? 0 : 1);
        Add("firn_held", "gauge", "Whether a person holds updates back.", status.Hold is null ? 0 : 1);
        Add("firn_last_check_timestamp_seconds", "gauge", "When the repository was last asked with success.", status.LastCheck?.ToUnixTimeSeconds() ?? 0);
        Add("firn_checks_total", "counter", "Checks since the agent started.", status.Checks);
        Add("firn_failed_checks_total", "counter", "Checks that failed.", status.FailedChecks);
        Add("firn_installs_total", "counter", "Installations since the agent started.", status.Installs);
        Add("firn_failed_installs_total", "counter", "Installations that failed.", status.FailedInstalls);
        return text.ToString();

        void Add(string name, string type, string help, long value, string labels = "") => text.Append(
            CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n{name}{labels} {value}\n");
    }

    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task ServeAsync(int port, Func<AgentStatus?> status, CancellationToken stop)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start(AtOnce);
        }
        catch (SocketException error)
        {
            throw new IOException($"metrics: 127.0.0.1:{port}: {error.Message}", error);
        }
        using var places = new SemaphoreSlim(AtOnce);
        try
        {
            while (true)
            {
                await places.WaitAsync(stop);
                var client = await listener.AcceptTcpClientAsync(stop);
                _ = ServeOneAsync(client, status, stop).ContinueWith(_ => places.Release(), TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            // the agent ends
        }
    }

    private static async Task ServeOneAsync(TcpClient client, Func<AgentStatus?> status, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var head = new byte[HeadLimit];
                var length = 0;
                while (length < HeadLimit && head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0
                    && await stream.ReadAsync(head.AsMemory(length), limit.Token) is > 0 and var count) length += count;
                await stream.WriteAsync(Answer(head.AsSpan(0, length), status()), limit.Token);
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                // it went away, or never asked
            }
        }
    }

    private static byte[] Answer(ReadOnlySpan<byte> head, AgentStatus? status)
    {
        var (line, body) = !head.StartsWith("GET "u8) ? ("405 Method Not Allowed", "only GET\n")
            : !head.StartsWith("GET /metrics "u8) ? ("404 Not Found", "see /metrics\n")
            : status is null ? ("503 Service Unavailable", "starting\n")
            : ("200 OK", Text(status));
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {line}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}"));
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
}
