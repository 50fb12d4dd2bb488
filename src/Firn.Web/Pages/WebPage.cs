using Firn.Web.Access;
using Firn.Web.Http;
using Firn.Web.Machines;
using Firn.Web.Uploads;

namespace Firn.Web.Pages;

/// <summary>How the machine restarts.</summary>
/// <param name="Lock">What another program has locked against it; null for nothing.</param>
/// <param name="Begin">Ends this process, too.</param>
public sealed record WebRestart(Func<string?> Lock, Action Begin);

/// <summary>
/// What is answered to whom. The page itself is for everyone, what it shows for who has said the password, and what changes something
/// must besides come from the page: with its origin, and with a token that only it can read.
/// </summary>
public sealed class WebPage(MachineView machine, UploadDesk desk, WebPassword password, TimeProvider clock, WebRestart restart, Action<string> log)
{
    private const string TokenField = "X-Firn-Token";

    /// <summary>So that the answer still goes out.</summary>
    private static readonly TimeSpan BeforeReboot = TimeSpan.FromSeconds(1);

    private readonly LoginLimit _limit = new(clock);
    private readonly WebSessions _sessions = new(clock);
    private readonly Dictionary<string, HttpAnswer> _files = new()
    {
        ["/"] = Embedded("page.html", "text/html; charset=utf-8"),
        ["/page.css"] = Embedded("page.css", "text/css; charset=utf-8"),
        ["/page.js"] = Embedded("page.js", "text/javascript; charset=utf-8"),
    };

    public async Task<HttpAnswer> AnswerAsync(HttpRequest request, CancellationToken stop)
    {
        var head = request.Head;
        if (head.Method is not ("GET" or "POST")) throw new HttpProblemException(405, "only GET and POST");
        if (head.Method == "GET" && _files.TryGetValue(head.Path, out var file)) return file;
        if (head.Method == "POST") RequireOrigin(head);
        var session = _sessions.Find(head.Cookie(WebSessions.CookieName), password.Hash);
        switch (head.Method, head.Path)
        {
            case ("GET", "/api/session"): return Session(session);
            case ("POST", "/api/login"): return Login(await request.Body.ReadTextAsync(WebPassword.LimitBytes, stop), request);
        }
        if (session is null) throw new HttpProblemException(401, "sign in first");
        if (head.Method == "GET") return Show(head.Path);
        if (head[TokenField] != session.Token) throw new HttpProblemException(403, "the request does not come from this page: its token is missing");
        return await DoAsync(request, stop);
    }

    private HttpAnswer Show(string path) => path switch
    {
        "/api/status" => HttpAnswer.Json(JsonBytes.Write(json =>
        {
            machine.WriteStatus(json);
            desk.State.Write(json);
            json.WriteNumber("limitBytes", desk.LimitBytes);
        })),
        "/api/history" => HttpAnswer.Json(JsonBytes.Write(machine.WriteHistory)),
        "/api/log" => HttpAnswer.Text(200, machine.Log()),
        _ => throw new HttpProblemException(404, $"{path}: there is no such page"),
    };

    private async Task<HttpAnswer> DoAsync(HttpRequest request, CancellationToken stop)
    {
        switch (request.Head.Path)
        {
            case "/api/logout":
                return HttpAnswer.Json("{}"u8.ToArray(), _sessions.End(request.Head.Cookie(WebSessions.CookieName)));
            case "/api/upload":
                if (request.Head.LengthBytes is null) throw new HttpProblemException(411, "a file must come with its length");
                await desk.ReceiveAsync(NameIn(request.Head.Query), request.Body, stop);
                return HttpAnswer.Text(202, "received; it is being verified");
            case "/api/reboot":
                if (desk.State.IsBusy) throw new HttpProblemException(409, $"{desk.State.File} is being installed");
                if (restart.Lock() is { } held) throw new HttpProblemException(409, $"{held} is locked against a restart");
                log($"restart, as {request.From} asks");
                _ = Task.Delay(BeforeReboot, clock, stop).ContinueWith(_ => restart.Begin(), stop, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
                return HttpAnswer.Text(202, "the machine restarts");
            default:
                throw new HttpProblemException(404, $"{request.Head.Path}: there is no such thing to do");
        }
    }

    private HttpAnswer Login(string said, HttpRequest request)
    {
        var from = request.From;
        if (password.Hash is not { } hash)
            throw new HttpProblemException(403, $"this machine has no password for its page: an overlay, or 'firn agent web-password', puts it into /{WebPassword.FilePath}");
        if (!_limit.TryBegin(from)) throw new HttpProblemException(429, "too many wrong passwords: wait a minute");
        if (!WebPassword.IsRight(said, hash))
        {
            log($"a wrong password from {from}");
            throw new HttpProblemException(403, "the password is wrong");
        }
        _limit.Forget(from);
        var (cookie, session) = _sessions.Begin(hash, request.IsEncrypted);
        log($"{from} signed in");
        return Session(session, cookie);
    }

    private static HttpAnswer Session(WebSession? session, string? cookie = null) =>
        HttpAnswer.Json(JsonBytes.Write(json => json.WriteString("token", session?.Token)), cookie);

    /// <summary>Browsers say which page a request comes from; TLS in front of this server may end there.</summary>
    private static void RequireOrigin(HttpHead head)
    {
        if (head["Origin"] is not { } origin || (origin != $"http://{head["Host"]}" && origin != $"https://{head["Host"]}"))
            throw new HttpProblemException(403, "the request comes from another page");
    }

    private static string NameIn(string query)
    {
        try
        {
            return query.StartsWith("name=", StringComparison.Ordinal) ? Uri.UnescapeDataString(query[5..]) : "the file";
        }
        catch (UriFormatException)
        {
            return "the file";
        }
    }

    private static HttpAnswer Embedded(string name, string type)
    {
        using var file = typeof(WebPage).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return new(200, type, bytes);
    }
}
