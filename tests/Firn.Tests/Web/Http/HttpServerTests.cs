using System.Net;
using System.Net.Sockets;
using System.Text;
using Firn.Web.Http;

namespace Firn.Tests.Web.Http;

/// <summary>Clients that mean harm, or have a bad line.</summary>
public sealed class HttpServerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = HttpServer.Listen(new(IPAddress.Loopback, 0));

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private void Serve(HttpLimits limits) => _ = new HttpServer(
        async (request, stop) => HttpAnswer.Text(200, $"{request.Head.Path} {await request.Body.ReadTextAsync(1000, stop)}"), limits).ServeAsync(_listener, _stop.Token);

    private NetworkStream Connect()
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = (int)Patience.TotalMilliseconds };
        client.Connect(_listener.LocalEndpoint);
        return new(client, ownsSocket: true);
    }

    private string Ask(string request)
    {
        using var stream = Connect();
        stream.Write(Encoding.Latin1.GetBytes(request));
        return ReadEnd(stream);
    }

    private static string ReadEnd(NetworkStream stream)
    {
        try
        {
            return new StreamReader(stream, Encoding.Latin1).ReadToEnd();
        }
        catch (IOException)
        {
            return "reset";
        }
    }

    [Fact]
    public void A_body_is_read_as_long_as_its_head_says()
    {
        Serve(HttpLimits.Default);

        Assert.EndsWith("\r\n\r\n/x abc\n", Ask("POST /x HTTP/1.1\r\nHost: y\r\nContent-Length: 3\r\n\r\nabcdef"));
        Assert.StartsWith("HTTP/1.1 413 ", Ask("POST /x HTTP/1.1\r\nHost: y\r\nContent-Length: 1001\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 ", AskAndEnd("POST /x HTTP/1.1\r\nHost: y\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nab"));
    }

    private string AskAndEnd(string request)
    {
        using var stream = Connect();
        stream.Write(Encoding.Latin1.GetBytes(request));
        stream.Socket.Shutdown(SocketShutdown.Send);
        return ReadEnd(stream);
    }

    [Fact]
    public void An_endless_head_is_refused()
    {
        Serve(HttpLimits.Default);

        Assert.StartsWith("HTTP/1.1 431 ", Ask("GET / HTTP/1.1\r\nHost: " + new string('x', 10_000)));
    }

    [Fact]
    public void Who_says_nothing_or_too_little_is_sent_away()
    {
        Serve(new(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(200)));

        Assert.Equal("", Ask("GET / HTTP/1.1\r\nHost: "));
        Assert.Contains("too slowly, and was given up after 2 of 900 bytes", Ask("POST /x HTTP/1.1\r\nHost: y\r\nContent-Length: 900\r\n\r\nab"));
    }

    [Fact]
    public async Task A_body_that_drips_is_given_up()
    {
        Serve(new(TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(400)));
        await using var stream = Connect();
        stream.Write("POST /x HTTP/1.1\r\nHost: y\r\nContent-Length: 900\r\n\r\n"u8);

        var answer = Task.Run(() => ReadEnd(stream), TestContext.Current.CancellationToken);
        for (var drop = 0; drop < 100 && !answer.IsCompleted; drop++)
        {
            try
            {
                stream.Write("x"u8);
            }
            catch (IOException)
            {
                break;    // given up, and gone
            }
            await Task.Delay(50, TestContext.Current.CancellationToken);
            if (drop == 30) stream.Socket.Shutdown(SocketShutdown.Send);
        }

        Assert.Contains("too slowly", await answer.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void One_address_does_not_take_all_places_and_gives_them_back()
    {
        Serve(new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), AtOnce: 8, FromOneAddress: 3));
        var held = Enumerable.Range(0, 3).Select(_ => Connect()).ToArray();
        foreach (var one in held) one.Write("GET"u8);

        Assert.True(Ask("GET / HTTP/1.1\r\nHost: y\r\n\r\n") is "" or "reset");
        foreach (var one in held) one.Dispose();

        var limit = DateTime.UtcNow + Patience;
        while (!Ask("GET / HTTP/1.1\r\nHost: y\r\n\r\n").StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)) Assert.True(DateTime.UtcNow < limit, "places are not given back");
    }

    [Fact]
    public void Random_bytes_do_not_end_it()
    {
        Serve(new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100)));
        var random = new Random(7);
        for (var round = 0; round < 30; round++)
        {
            using var stream = Connect();
            var bytes = new byte[random.Next(1, 20_000)];
            random.NextBytes(bytes);
            try
            {
                stream.Write(bytes);
            }
            catch (IOException)
            {
                // it had enough
            }
        }

        Assert.StartsWith("HTTP/1.1 200 ", Ask("GET / HTTP/1.1\r\nHost: y\r\n\r\n"));
    }

    [Fact]
    public void An_address_that_is_taken_is_named()
    {
        var error = Assert.Throws<IOException>(() => HttpServer.Listen((IPEndPoint)_listener.LocalEndpoint));

        Assert.StartsWith($"{_listener.LocalEndpoint}: ", error.Message);
    }
}
