using System.Text.Json;
using Firn.Cli;
using Firn.Tests.Formats;
using Firn.Web.Access;

namespace Firn.Tests.Web.Pages;

/// <summary>What curl is answered.</summary>
public sealed class WebPageTests
{
    [Fact]
    public void The_page_is_for_everyone_and_takes_nothing_from_elsewhere()
    {
        using var page = new TestPage();

        var answers = page.Curl("ask / -i; ask /page.css -i; ask /page.js -i");

        Assert.Equal(3, answers.Split("HTTP/1.1 200 OK").Length - 1);
        Assert.Equal(3, answers.Split("Content-Security-Policy: default-src 'none'; script-src 'self'").Length - 1);
        Assert.Contains("Content-Type: text/html; charset=utf-8", answers);
        Assert.DoesNotContain("//", page.Curl("ask /").Replace("<!doctype", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_of_the_machine_is_shown_or_done_without_the_password()
    {
        using var page = new TestPage();

        foreach (var path in new[] { "/api/status", "/api/history", "/api/log", "/api/other", "/../etc/passwd" })
            Assert.Equal("sign in first\n401\n", page.Curl($"ask {path} --path-as-is"));
        foreach (var path in new[] { "/api/upload", "/api/reboot", "/api/logout" })
            Assert.Equal("sign in first\n401\n", page.Curl($"ask {path} -H \"Origin: $at\" --data-binary x"));
        Assert.Equal("only GET and POST\n405\n", page.Curl("ask / -X DELETE"));
        Assert.Equal("{\"token\":null}200\n", page.Curl("ask /api/session"));
    }

    [Fact]
    public void Who_knows_the_password_sees_the_machine()
    {
        using var page = new TestPage();
        page.Machine.Write("run/firn/agent.json", "{\"activity\":\"waiting\",\"why\":\"nothing new\"}");
        page.Machine.Write("run/firn/install.json", $"{{\"process\":{Environment.ProcessId},\"step\":\"writing\",\"doneBytes\":1,\"totalBytes\":2}}");
        page.Machine.Write("data/firn/history.jsonl", """
            {"time":"2026-01-02T03:04:05+00:00","event":"installed","slot":"b","version":"2","reason":null}
            {"time":"2026-01-02T03:14:05+00:00","event":"failed","slot":"b","version":"2","reason":"<b>no & heartbeat"}

            """);

        var status = Json(page, "/api/status");
        var history = Json(page, "/api/history").GetProperty("history");

        Assert.Equal(("a", "a"), (status.GetProperty("running").GetString(), status.GetProperty("confirmed").GetString()));
        Assert.Equal(["a", "b"], status.GetProperty("slots").EnumerateArray().Select(slot => slot.GetProperty("slot").GetString()));
        Assert.Equal("1", status.GetProperty("slots")[0].GetProperty("version").GetString());
        Assert.Equal("nothing new", status.GetProperty("agent").GetProperty("why").GetString());
        Assert.Equal("writing", status.GetProperty("install").GetProperty("step").GetString());
        Assert.True(status.GetProperty("limitBytes").GetInt64() > 0);
        Assert.Equal(["failed", "installed"], history.EnumerateArray().Select(entry => entry.GetProperty("event").GetString()));
        Assert.Equal("<b>no & heartbeat", history[0].GetProperty("reason").GetString());
        Assert.Contains("firn-agent\nwhat firn-agent said\n", page.Curl("ask /api/log"));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"process\":\"x\"}")]
    [InlineData("{\"process\":999999999}")]
    public void Files_of_others_that_are_wrong_or_old_are_not_shown(string text)
    {
        using var page = new TestPage();
        page.Machine.Write("run/firn/install.json", text);
        page.Machine.Write("run/firn/agent.json", "{\"activity\":");

        var status = Json(page, "/api/status");

        Assert.Equal(JsonValueKind.Null, status.GetProperty("install").ValueKind);
        Assert.Equal(JsonValueKind.Null, status.GetProperty("agent").ValueKind);
    }

    [Fact]
    public void A_machine_whose_boot_state_and_data_are_gone_still_has_its_page()
    {
        using var page = new TestPage();
        File.WriteAllBytes(page.Machine.Device("firn-esp"), new byte[4 << 20]);

        File.WriteAllText(page.Spool[..^4], "no directory");

        var status = Json(page, "/api/status");

        Assert.NotEmpty(status.GetProperty("problem").GetString()!);
        Assert.Equal(0, status.GetProperty("limitBytes").GetInt64());
    }

    [Fact]
    public void Guessing_ends_after_a_few_times()
    {
        using var page = new TestPage();

        var answers = page.Curl("for round in 1 2 3 4 5 6 7; do login wrong; done; login '" + TestPage.Password + "'");

        Assert.Equal(5, answers.Split("the password is wrong\n403\n").Length - 1);
        Assert.EndsWith("too many wrong passwords: wait a minute\n429\n", answers);
        Assert.Contains("a wrong password from 127.0.0.1", page.Log);
    }

    [Fact]
    public void Without_a_password_nobody_is_let_in()
    {
        using var page = new TestPage();
        File.Delete(Path.Combine(page.Machine.Paths.Root, WebPassword.FilePath));

        Assert.Contains("this machine has no password for its page", page.Curl("login ''; login x"));
    }

    [Fact]
    public void A_new_password_ends_what_was_begun_with_the_old_one()
    {
        using var page = new TestPage();
        Assert.EndsWith("200\n", page.Curl("sign_in; ask /api/status"));

        page.Machine.Write(WebPassword.FilePath, ForeignTool.Run("openssl", "passwd", "-6", "battery staple"));

        Assert.EndsWith("401\n", page.Curl("ask /api/status"));
    }

    [Fact]
    public void Other_pages_cannot_speak_for_a_person()
    {
        using var page = new TestPage();

        var answers = page.Curl("""
            sign_in
            ask /api/reboot -H "Origin: https://evil.example" -H "X-Firn-Token: $(cat token)" --data-binary x
            ask /api/reboot -H "Origin: null" -H "X-Firn-Token: $(cat token)" --data-binary x
            ask /api/reboot -H "X-Firn-Token: $(cat token)" --data-binary x
            ask /api/reboot -H "Origin: $at" --data-binary x
            ask /api/reboot -H "Origin: $at" -H "X-Firn-Token: 00" --data-binary x
            ask /api/login -H "Origin: https://evil.example" --data-binary x
            """);

        Assert.Equal(6, answers.Split("403\n").Length - 1);
        Assert.False(page.Reboots.Task.IsCompleted);
    }

    [Fact]
    public async Task The_machine_restarts_when_it_is_asked_to()
    {
        using var page = new TestPage { HeldLock = "/run/backup.lock" };
        Assert.Equal("/run/backup.lock is locked against a restart\n409\n", page.Curl("sign_in; post /api/reboot"));

        page.HeldLock = null;
        Assert.Equal("the machine restarts\n202\n", page.Curl("sign_in; post /api/reboot"));

        await page.Reboots.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Signing_out_ends_the_session()
    {
        using var page = new TestPage();

        Assert.EndsWith("401\n", page.Curl("sign_in; cp jar old; post /api/logout; cp old jar; ask /api/status"));
    }

    [Fact]
    public void The_verb_writes_a_password_that_only_its_owner_can_read()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.File("etc/web.password");

        var written = Shell.Run($"printf 'battery staple\\nmore' | dotnet {AppContext.BaseDirectory}/firn.dll agent web-password --stdin {path}; stat -c %a {path}", scratch.Path);
        var refused = Shell.Run($"printf 'short\\n' | dotnet {AppContext.BaseDirectory}/firn.dll agent web-password --stdin {path} 2>&1 || echo code $?", scratch.Path);

        Assert.Equal($"{path}: written\n600\n", written);
        Assert.True(WebPassword.IsRight("battery staple", new WebPassword(path).Hash!));
        Assert.Equal("the password: expected 8 characters or more, and at most 1024 bytes\ncode 1\n", refused);
    }

    [Fact]
    public void Where_no_page_is_turned_on_the_verb_says_so()
    {
        using var machine = new Machine.FakeMachine(Machine.TestDisk.Make(), "firn.slot=a firn.confirmed=a");
        machine.Write("usr/lib/firn/agent.conf", "web=8080\n");
        machine.Write("etc/firn/agent.conf", "web=off\n");
        var output = new StringWriter();

        Assert.Equal(0, CommandTree.Run(["agent", "web"], new(machine.Paths, TimeProvider.System), output, TextWriter.Null));
        Assert.Equal("agent.conf turns no page on (web)\n", output.ToString());
    }

    private static JsonElement Json(TestPage page, string path) => JsonDocument.Parse(page.Curl($"sign_in; ask {path}")[..^4]).RootElement;
}
