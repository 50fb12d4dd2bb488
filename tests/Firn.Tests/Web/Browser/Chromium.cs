using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Firn.Tests.Formats;

namespace Firn.Tests.Web.Browser;

/// <summary>Debian's Chromium without a window, as large as a telephone, told what to do through a pair of pipes (DevTools protocol).</summary>
internal sealed class Chromium : IDisposable
{
    public const int Width = 360, Height = 740;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ScratchDirectory _scratch = new();
    private readonly Process _process;
    private readonly FileStream _to, _from;
    private readonly BlockingCollection<JsonObject> _answers = [];
    private readonly string _session;
    private int _lastId;

    public Chromium()
    {
        ForeignTool.RunIn(_scratch.Path, "mkfifo", "to", "from");
        _process = Process.Start(new ProcessStartInfo("/bin/sh",
        [
            "-c", "exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking "
                + "--user-data-dir=profile --remote-debugging-pipe about:blank 3< to 4> from > log 2>&1",
        ])
        { WorkingDirectory = _scratch.Path })!;
        _to = new(_scratch.File("to"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        _from = new(_scratch.File("from"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        new Thread(ReadAll) { IsBackground = true }.Start();
        var target = (string)Ask("Target.createTarget", new() { ["url"] = "about:blank" }, null)["targetId"]!;
        _session = (string)Ask("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }, null)["sessionId"]!;
        foreach (var domain in new[] { "Page", "Runtime", "Log" }) Ask($"{domain}.enable", []);
        Ask("Emulation.setDeviceMetricsOverride", new() { ["width"] = Width, ["height"] = Height, ["deviceScaleFactor"] = 2, ["mobile"] = true });
    }

    /// <summary>What went wrong in the page: exceptions, and what its own rules forbid.</summary>
    public ConcurrentQueue<string> Problems { get; } = [];

    public void Open(string address) => Ask("Page.navigate", new() { ["url"] = address });

    /// <summary>The value of an expression, as text.</summary>
    public string Evaluate(string expression)
    {
        var answer = Ask("Runtime.evaluate", new() { ["expression"] = $"String({expression})", ["userGesture"] = true });
        return (string?)answer["result"]!["value"] ?? $"{answer["exceptionDetails"]}";
    }

    public void WaitFor(string condition)
    {
        var watch = Stopwatch.StartNew();
        while (Evaluate(condition) != "true")
        {
            Assert.True(watch.Elapsed < Patience, $"{condition} is not so: {Evaluate("document.body.innerText")}");
            Thread.Sleep(100);
        }
    }

    /// <summary>As a person chooses one.</summary>
    public void ChooseFile(string id, string path)
    {
        var input = (string)Ask("Runtime.evaluate", new() { ["expression"] = $"document.getElementById('{id}')" })["result"]!["objectId"]!;
        Ask("DOM.setFileInputFiles", new() { ["files"] = new JsonArray(path), ["objectId"] = input });
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _to.Dispose();
        _from.Dispose();
        _scratch.Dispose();
    }

    private JsonObject Ask(string method, JsonObject parameters) => Ask(method, parameters, _session);

    private JsonObject Ask(string method, JsonObject parameters, string? session)
    {
        var id = Send(method, parameters, session);
        while (_answers.TryTake(out var answer, Patience))
            if ((int)answer["id"]! == id) return answer["result"] as JsonObject ?? throw new InvalidDataException($"{method}: {answer["error"]}");
        throw new TimeoutException($"{method}: chromium does not answer: {File.ReadAllText(_scratch.File("log"))}");
    }

    private int Send(string method, JsonObject parameters, string? session)
    {
        var id = Interlocked.Increment(ref _lastId);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (session is not null) message["sessionId"] = session;
        lock (_to) _to.Write([.. Encoding.UTF8.GetBytes(message.ToJsonString()), 0]);
        return id;
    }

    private void ReadAll()
    {
        var message = new List<byte>();
        var buffer = new byte[64 << 10];
        try
        {
            while (_from.Read(buffer) is > 0 and var count)
                foreach (var octet in buffer.AsSpan(0, count))
                {
                    if (octet != 0)
                    {
                        message.Add(octet);
                        continue;
                    }
                    Take(JsonNode.Parse(message.ToArray())!.AsObject());
                    message.Clear();
                }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // it has ended
        }
    }

    private void Take(JsonObject message)
    {
        if (message.ContainsKey("id")) _answers.Add(message);
        switch ((string?)message["method"])
        {
            case "Page.javascriptDialogOpening":
                Send("Page.handleJavaScriptDialog", new() { ["accept"] = true }, _session);
                break;
            case "Runtime.exceptionThrown":
                Problems.Enqueue(message.ToJsonString());
                break;
            // an answer that refuses is an error of the network to a browser, and what it would do otherwise it says as verbose
            case "Log.entryAdded" when message["params"]!["entry"]! is var entry && (string?)entry["source"] != "network" && (string?)entry["level"] != "verbose":
                Problems.Enqueue(entry.ToJsonString());
                break;
        }
    }
}
