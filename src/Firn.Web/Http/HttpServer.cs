using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Firn.Linux;
using Firn.Machine.Boot;

namespace Firn.Web.Http;

/// <summary>How long a client may take, and how many there may be.</summary>
/// <param name="Head">For a head, an answer, and each part of the way out.</param>
/// <param name="Body">For every 64 KiB of a body.</param>
public sealed record HttpLimits(TimeSpan Head, TimeSpan Body, int AtOnce = 24, int FromOneAddress = 12)
{
    public static HttpLimits Default { get; } = new(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1));
}

/// <summary>
/// A server of HTTP/1.1 for a few people: one request per connection, every length bounded, every wait limited. Nothing that comes in
/// ends it.
/// </summary>
/// <param name="answer">To a request.</param>
/// <param name="limits">For clients.</param>
/// <param name="certificate">Null: it serves without TLS.</param>
public sealed class HttpServer(Func<HttpRequest, CancellationToken, Task<HttpAnswer>> answer, HttpLimits limits, SslStreamCertificateContext? certificate = null)
{
    private const byte Handshake = 22;    // what TLS begins with; RFC 8446, 5.1

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<IPAddress, int> _clients = [];

    /// <exception cref="IOException">The address is taken, or none of this machine's.</exception>
    public static TcpListener Listen(IPEndPoint address)
    {
        var listener = new TcpListener(address);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any)) listener.Server.DualMode = true;
            listener.Start();
            return listener;
        }
        catch (SocketException error)
        {
            listener.Dispose();
            throw new IOException($"{address}: {error.Message}", error);
        }
    }

    /// <summary>Until it is stopped.</summary>
    public async Task ServeAsync(TcpListener listener, CancellationToken stop)
    {
        using var places = new SemaphoreSlim(limits.AtOnce);
        try
        {
            while (true)
            {
                await places.WaitAsync(stop);
                Socket client;
                try
                {
                    client = await listener.AcceptSocketAsync(stop);
                }
                catch (SocketException)
                {
                    places.Release();    // it went away before it was greeted, or there are no descriptors left
                    await Task.Delay(Pause, stop);
                    continue;
                }
                _ = ServeOneAsync(client, stop).ContinueWith(_ => places.Release(), TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            // the server ends
        }
    }

    private async Task ServeOneAsync(Socket client, CancellationToken stop)
    {
        await using var network = new NetworkStream(client, ownsSocket: true);
        var from = client.RemoteEndPoint is IPEndPoint { Address: var address } ? address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address : IPAddress.None;
        if (!Enter(from)) return;
        try
        {
            if (certificate is null || !await BeginsTlsAsync(client, stop))
            {
                await WriteAsync(network, await AnswerAsync(network, from, stop), stop);
            }
            else
            {
                await using var encrypted = await EncryptAsync(network, certificate, stop);
                await WriteAsync(encrypted, await AnswerAsync(encrypted, from, stop), stop);
                await encrypted.ShutdownAsync();
            }
            await EndAsync(client, network, stop);
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or AuthenticationException)
        {
            // it went away, or never asked
        }
        finally
        {
            Leave(from);
        }
    }

    private async Task<bool> BeginsTlsAsync(Socket client, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(limits.Head);
        var first = new byte[1];
        return await client.ReceiveAsync(first, SocketFlags.Peek, limit.Token) > 0 && first[0] == Handshake;
    }

    private async Task<SslStream> EncryptAsync(NetworkStream network, SslStreamCertificateContext context, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(limits.Head);
        var encrypted = new SslStream(network, leaveInnerStreamOpen: true);
        await encrypted.AuthenticateAsServerAsync(new() { ServerCertificateContext = context, AllowRenegotiation = false }, limit.Token);
        return encrypted;
    }

    private async Task<HttpAnswer> AnswerAsync(Stream stream, IPAddress from, CancellationToken stop)
    {
        try
        {
            var (head, begun) = await ReadHeadAsync(stream, stop);
            if (certificate is not null && stream is not SslStream) return HttpAnswer.Elsewhere($"https://{head["Host"]}{head.Path}");
            var body = new HttpBody(
                stream, begun, head.LengthBytes ?? 0, limits.Body,
                () => head.ExpectsContinue ? stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), stop) : default);
            return await answer(new(head, body, from, stream is SslStream), stop);
        }
        catch (HttpProblemException problem)
        {
            return HttpAnswer.Text(problem.Status, problem.Message);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException or ErrnoException or RefusedException or DllNotFoundException)
        {
            return HttpAnswer.Text(500, error.Message);
        }
    }

    private async Task<(HttpHead Head, ReadOnlyMemory<byte> Begun)> ReadHeadAsync(Stream stream, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(limits.Head);
        var bytes = new byte[HttpHead.LimitBytes];
        var length = 0;
        while (length < bytes.Length)
        {
            var count = await stream.ReadAsync(bytes.AsMemory(length), limit.Token);
            if (count == 0) throw new OperationCanceledException();    // nobody is there to be answered
            length += count;
            if (bytes.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is >= 0 and var end) return (HttpHead.Read(bytes.AsSpan(0, end)), bytes.AsMemory(end + 4, length - end - 4));
        }
        throw new HttpProblemException(431, $"the head is longer than {HttpHead.LimitBytes} bytes");
    }

    private async Task WriteAsync(Stream stream, HttpAnswer given, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(limits.Head);
        await stream.WriteAsync(given.Head(), limit.Token);
        await stream.WriteAsync(given.Body, limit.Token);
    }

    /// <summary>A client that is still sending would lose the answer if its bytes met a closed door.</summary>
    private async Task EndAsync(Socket client, NetworkStream network, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(limits.Head);
        client.Shutdown(SocketShutdown.Send);
        var unread = new byte[16 << 10];
        while (await network.ReadAsync(unread, limit.Token) > 0) { }
    }

    private bool Enter(IPAddress from)
    {
        lock (_clients)
        {
            var count = _clients.GetValueOrDefault(from);
            if (count >= limits.FromOneAddress) return false;
            _clients[from] = count + 1;
            return true;
        }
    }

    private void Leave(IPAddress from)
    {
        lock (_clients)
            if (--_clients[from] == 0) _clients.Remove(from);
    }
}
