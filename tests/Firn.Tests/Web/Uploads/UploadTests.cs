using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Firn.Formats.Boot;
using Firn.Tests.Formats;
using Firn.Tests.Machine;
using Firn.Tests.Swu;
using Firn.Web.Uploads;

namespace Firn.Tests.Web.Uploads;

/// <summary>Files that are sent with curl to a machine that runs from slot a: what is installed, and what is refused with its reason.</summary>
public sealed class UploadTests
{
    private const string Description = """
        software = { version = "2"; hardware-compatibility: [ "1.0" ]; images: (
          { filename = "boot"; type = "raw"; device = "/dev/disk/by-partlabel/firn-boot-b"; sha256 = "@boot@"; installed-directly = true; },
          { filename = "root"; device = "/dev/disk/by-partlabel/firn-root-b"; sha256 = "@root@"; } ); };
        """;

    private static string Swu(TestPage page, string description = Description, string? signature = "cms")
    {
        var release = TestRelease.Make("2");
        return new ForeignSwu(page.Scratch).With("boot", release.Boot).With("root", release.Root).Make(description, signature);
    }

    private static void IsRefused(TestPage page, string file, string reason, UploadPhase phase = UploadPhase.Refused)
    {
        var before = page.Slots;

        var state = page.Upload(file);

        Assert.Contains(reason, state.Text);
        Assert.Equal((phase, before, null), (state.Phase, page.Slots, page.Trial));
        Assert.DoesNotContain(page.Spool, state.Text);
    }

    [Fact]
    public void A_bundle_is_verified_and_installed()
    {
        using var page = new TestPage();

        var state = page.Upload(page.Bundle());

        Assert.Contains("test-os 2 is in slot b, and was read back without a difference", state.Text);
        Assert.Equal((UploadPhase.Installed, "update.firn", Slot.B), (state.Phase, state.File, page.Trial));
        Assert.Contains("\"phase\":\"installed\"", page.Curl("ask /api/status"));
        Assert.Contains("\"event\":\"installed\"", page.Curl("ask /api/history"));
    }

    [Fact]
    public void A_file_of_SWUpdate_is_installed_whatever_it_is_called()
    {
        using var page = new TestPage();
        var file = page.Scratch.File("from-my-phone.bin");
        File.Move(Swu(page), file);

        Assert.Equal((UploadPhase.Installed, Slot.B), (page.Upload(file).Phase, page.Trial));
    }

    [Fact]
    public async Task A_file_is_known_by_its_first_bytes_however_they_come()
    {
        using var page = new TestPage();
        var bytes = File.ReadAllBytes(Swu(page));
        using var client = Begin(page, bytes.Length);
        client.NoDelay = true;

        foreach (var octet in bytes[..6])
        {
            client.GetStream().WriteByte(octet);
            await Task.Delay(30, TestContext.Current.CancellationToken);
        }
        client.GetStream().Write(bytes.AsSpan(6));

        Assert.StartsWith("HTTP/1.1 202 ", new StreamReader(client.GetStream()).ReadToEnd());
        await page.Desk.Installing.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal((UploadPhase.Installed, Slot.B), (page.Desk.State.Phase, page.Trial));
    }

    [Fact]
    public void What_nobody_signed_is_refused()
    {
        using var page = new TestPage();

        IsRefused(page, Swu(page, signature: null), "nobody signed it");
    }

    [Fact]
    public void What_is_for_other_hardware_is_refused()
    {
        using var page = new TestPage();

        IsRefused(page, Swu(page, Description.Replace("\"1.0\"", "\"2.0\"")), "this machine is test-pc 1.0");
        IsRefused(page, page.Bundle(change: terms => terms with { Hardware = "other-pc" }), "2 no: it is for other-pc");
    }

    [Fact]
    public void What_somebody_else_signed_is_refused()
    {
        using var page = new TestPage();
        using var other = new TestPage();

        IsRefused(page, other.Bundle(), "timestamp: signed by 0 of the 1 keys");
    }

    [Fact]
    public void Damage_is_found_before_the_slot_boots()
    {
        using var page = new TestPage();
        var bytes = File.ReadAllBytes(page.Bundle());
        var (release, random, refused) = (TestRelease.Make("2"), new Random(3), 0);
        for (var round = 0; round < 12; round++)
        {
            byte[] damaged = [.. bytes];
            damaged[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            var state = page.Upload(page.Scratch.Write("damaged.firn", round % 3 == 2 ? bytes[..random.Next(bytes.Length)] : damaged));
            Assert.NotEmpty(state.Text);
            if (state.Phase != UploadPhase.Installed)
            {
                refused++;
                continue;
            }
            // a byte between files of a bundle, which means nothing
            Assert.Equal(release.Root, File.ReadAllBytes(page.Machine.Device("firn-root-b"))[..release.Root.Length]);
            Assert.Equal(release.Boot, File.ReadAllBytes(page.Machine.Device("firn-boot-b"))[..release.Boot.Length]);
        }
        Assert.InRange(refused, 6, 12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public void Random_bytes_are_refused(int length)
    {
        using var page = new TestPage();

        IsRefused(page, page.Scratch.Write("noise", RandomNumberGenerator.GetBytes(length)), "noise: not a bundle: tar:", UploadPhase.Failed);
    }

    [Fact]
    public void A_file_for_which_there_is_no_room_is_refused_before_it_is_sent()
    {
        using var page = new TestPage(reserveBytes: long.MaxValue / 2);

        var answer = page.Curl("sign_in; head -c 3000000 /dev/zero > zero; post '/api/upload?name=zero' --data-binary @zero");

        Assert.Equal("the file has 3000000 bytes, and there is room for 0\n413\n", answer);
        Assert.Equal(UploadState.None, page.Desk.State);
    }

    [Fact]
    public void A_file_must_have_a_length_and_not_be_empty()
    {
        using var page = new TestPage();

        Assert.Equal("a body must come with its length\n501\n", page.Curl("sign_in; echo x | post /api/upload -H 'Transfer-Encoding: chunked' -T -"));
        Assert.Equal("a file must come with its length\n411\n", page.Curl("sign_in; post /api/upload"));
        Assert.Equal("the file is empty\n400\n", page.Curl("sign_in; post /api/upload -H 'Content-Length: 0'"));
    }

    [Fact]
    public void A_file_that_is_cut_off_or_never_ends_leaves_nothing_behind_and_the_next_one_comes()
    {
        using var page = new TestPage(new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1)));

        Send(page, 100_000, isEnded: true);
        Assert.Contains("it was broken off after 5 of 100000 bytes", Ended(page).Text);
        Send(page, 900_000_000, isEnded: false);
        Assert.Contains("it came too slowly, and was given up after 5 of 900000000 bytes", Ended(page).Text);

        Assert.Empty(Directory.GetFiles(page.Spool));
        Assert.Equal(UploadPhase.Installed, page.Upload(page.Bundle()).Phase);
    }

    [Fact]
    public async Task One_file_at_a_time_and_no_restart_meanwhile()
    {
        var goOn = new TaskCompletionSource();
        using var page = new TestPage(beforeInstall: () => goOn.Task);
        var bundle = page.Bundle();

        var first = page.Curl($"sign_in; post '/api/upload?name=%C3%A4%0A%00' --data-binary @{bundle}");
        var answers = page.Curl($"post /api/upload --data-binary @{bundle}; post /api/reboot; ask /api/status");
        goOn.SetResult();
        await page.Desk.Installing.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal("received; it is being verified\n202\n", first);
        Assert.StartsWith("ä is being installed: one at a time\n409\nä is being installed\n409\n", Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(answers)));
        Assert.Contains("\"phase\":\"installing\"", answers);
        Assert.Equal(UploadPhase.Installed, page.Desk.State.Phase);
    }

    [Fact]
    public async Task The_program_says_how_it_ended()
    {
        using var page = new TestPage();
        var script = page.Scratch.Write("firn", "#!/bin/sh\necho \"$@\"\necho first >&2\necho last >&2\nexit 4\n"u8);
        ForeignTool.Run("chmod", "700", script);

        var end = await InstallProgram.RunAsync(script, "/x/upload.swu", TestContext.Current.CancellationToken);

        Assert.Equal(new(4, "update install /x/upload.swu", "last"), end);
        await Assert.ThrowsAsync<IOException>(() => InstallProgram.RunAsync("/nothing/here", "x", TestContext.Current.CancellationToken));
    }

    private static void Send(TestPage page, long lengthBytes, bool isEnded)
    {
        using var client = Begin(page, lengthBytes);
        var stream = client.GetStream();
        stream.Write("07070"u8);
        if (isEnded) client.Client.Shutdown(SocketShutdown.Send);
        Assert.StartsWith("HTTP/1.1 500 ", new StreamReader(stream).ReadToEnd());
    }

    /// <summary>The head of an upload, with a session.</summary>
    private static TcpClient Begin(TestPage page, long lengthBytes)
    {
        page.Curl("sign_in");
        var cookie = File.ReadLines(page.Scratch.File("jar")).Last().Split('\t')[^1];
        var client = new TcpClient("127.0.0.1", page.Port);
        client.GetStream().Write(Encoding.ASCII.GetBytes(
            $"POST /api/upload?name=x HTTP/1.1\r\nHost: h\r\nOrigin: http://h\r\nCookie: firn-session={cookie}\r\n"
            + $"X-Firn-Token: {File.ReadAllText(page.Scratch.File("token")).Trim()}\r\nContent-Length: {lengthBytes}\r\n\r\n"));
        return client;
    }

    private static UploadState Ended(TestPage page)
    {
        Assert.Equal(UploadPhase.Failed, page.Desk.State.Phase);
        return page.Desk.State;
    }
}
