using System.Net.Sockets;
using System.Text.Json;
using Firn.Linux.Files;

namespace Firn.Agent.Service;

/// <summary>The agent's socket, for root alone: one line of JSON in, one out.</summary>
public static class AgentSocket
{
    private const uint RootOnly = 0x180;
    private const int RequestLimit = 4096, ReplyLimit = 64 << 10, AtOnce = 8;

    /// <summary>A machine that is busy with an install, on a slow processor, takes seconds for what takes milliseconds elsewhere.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static string Describe(AgentRequest request) => request switch
    {
        { Verb: AgentVerb.Hold, Reason: { } reason } => $"hold: {reason}",
        { Verb: AgentVerb.Pin, Version: { } version } => $"pin {version}",
        _ => JsonSerializer.Serialize(request.Verb, AgentJson.Default.AgentVerb).Trim('"'),
    };

    /// <param name="answer">Called from many threads.</param>
    public static async Task ServeAsync(string path, Func<AgentRequest, CancellationToken, Task<AgentReply>> answer, CancellationToken stop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);    // of an agent that was killed; who starts two has the second one's
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        RawFiles.SetMode(RawPath.From(path), RootOnly);
        listener.Listen(AtOnce);
        using var places = new SemaphoreSlim(AtOnce);
        try
        {
            while (true)
            {
                await places.WaitAsync(stop);
                var client = await listener.AcceptAsync(stop);
                _ = ServeOneAsync(client, answer, stop).ContinueWith(_ => places.Release(), TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            File.Delete(path);
        }
    }

    private static async Task ServeOneAsync(Socket client, Func<AgentRequest, CancellationToken, Task<AgentReply>> answer, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        await using var stream = new NetworkStream(client, ownsSocket: true);
        try
        {
            var reply = Parse(await ReadLineAsync(stream, RequestLimit, limit.Token)) is { } request
                ? await answer(request, limit.Token)
                : new("not a request: expected a line such as {\"verb\":\"status\"}", null);
            await stream.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(reply, AgentJson.Default.AgentReply), (byte)'\n'], limit.Token);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // it went away, or never said what it wanted
        }
    }

    /// <exception cref="IOException">No agent runs, or it does not answer.</exception>
    public static async Task<AgentReply> AskAsync(string path, AgentRequest request, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience + Patience);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(request, AgentJson.Default.AgentRequest), (byte)'\n'], limit.Token);
            var answer = await ReadLineAsync(stream, ReplyLimit, limit.Token);
            if (answer.Length == 0) throw new IOException($"{path}: the agent does not answer");
            return JsonSerializer.Deserialize(answer, AgentJson.Default.AgentReply)
                ?? throw new IOException($"{path}: the agent answered nothing");
        }
        catch (SocketException error)
        {
            throw new IOException(error.SocketErrorCode == SocketError.AccessDenied
                ? $"{path}: only root may talk to the agent" : $"{path}: no agent runs here ('firn agent run' starts one)", error);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"{path}: the agent does not answer");
        }
        catch (JsonException error)
        {
            throw new IOException($"{path}: the agent's answer cannot be understood", error);
        }
    }

    private static AgentRequest? Parse(byte[] line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, AgentJson.Default.AgentRequest);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Up to a line feed, the end, or the limit.</summary>
    private static async Task<byte[]> ReadLineAsync(Stream stream, int limitBytes, CancellationToken cancellation)
    {
        var buffer = new byte[limitBytes];
        var length = 0;
        while (length < limitBytes && await stream.ReadAsync(buffer.AsMemory(length), cancellation) is > 0 and var count)
        {
            length += count;
            if (Array.IndexOf(buffer, (byte)'\n', 0, length) is >= 0 and var end) return buffer[..end];
        }
        return buffer[..length];
    }
}
