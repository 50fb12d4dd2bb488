using System.Net;
using System.Net.Sockets;
using Firn.Cli;
using Firn.Formats.Agents;
using Firn.Formats.Boot;
using Firn.Formats.Releases;
using Firn.Machine.Boot;
using Firn.Swu.Signatures;
using Firn.Tests.Formats;
using Firn.Tests.Machine;
using Firn.Tests.Swu;
using Firn.Tests.Trust;
using Firn.Trust.Metadata;
using Firn.Trust.Releases;
using Firn.Web.Access;
using Firn.Web.Http;
using Firn.Web.Pages;
using Firn.Web.Uploads;

namespace Firn.Tests.Web;

/// <summary>
/// The page of a machine that has a repository and takes .swu files, on the loopback. What is sent to it is verified and installed by the
/// verb itself, in this process.
/// </summary>
internal sealed class TestPage : IDisposable
{
    public const string Password = "correct horse";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = HttpServer.Listen(new(IPAddress.Loopback, 0));
    private readonly Task _serving;

    public TestPage(HttpLimits? limits = null, long reserveBytes = 0, Func<Task>? beforeInstall = null, Func<string, string>? certificate = null)
    {
        // what openssl makes is taken
        Machine.Write(WebPassword.FilePath, ForeignTool.Run("openssl", "passwd", "-6", Password));
        Repository.Delegate(RoleNames.Targets, "stable", isTerminating: true, "stable/*/*");
        Repository.Publish(RoleNames.Targets, "stable");
        Machine.Write(RepositorySettings.SettingsPath, System.Text.Encoding.UTF8.GetString(new RepositorySettings(["https://updates.example"], "stable").ToJson()));
        Machine.Write(RepositorySettings.RootPath, System.Text.Encoding.UTF8.GetString(Repository.TrustedRoot));
        Machine.Write("etc/machine-id", "5d41402abc4b2a76b9719d911017c592\n");
        Machine.Write(SwuSettings.PersonsPath, "certificate=swu.pem\n");
        Machine.Write("etc/firn/swu.pem", File.ReadAllText(TestSigner.Certificate));
        var firn = Scratch.Write("firn", "#!/bin/sh\necho what $3 said\n"u8);
        ForeignTool.Run("chmod", "700", firn);
        Desk = new(Spool, reserveBytes, async (file, _) =>
        {
            await (beforeInstall?.Invoke() ?? Task.CompletedTask);
            return Install(file);
        }, Log.Add, _stop.Token);
        var wiring = new Wiring(Machine.Paths, TimeProvider.System);
        var page = new WebPage(
            new(wiring.BootControl(null), wiring.UpdateControl(null), Machine.Paths, firn), Desk,
            new(Path.Combine(Machine.Paths.Root, WebPassword.FilePath)), TimeProvider.System, new(() => HeldLock, Reboots.SetResult), Log.Add);
        var tls = WebCertificate.Open(certificate?.Invoke(Machine.Paths.Root) ?? AgentSettings.Off, Machine.Paths.Root, Machine.Paths.Data);
        _serving = new HttpServer(page.AnswerAsync, limits ?? HttpLimits.Default, tls).ServeAsync(_listener, _stop.Token);
    }

    public FakeMachine Machine { get; } = new(TestDisk.Make(), "firn.slot=a firn.install=0 firn.confirmed=a firn.tries=3");
    public TestRepository Repository { get; } = new();
    public ScratchDirectory Scratch { get; } = new();
    public UploadDesk Desk { get; }
    public List<string> Log { get; } = [];
    public string? HeldLock { get; set; }
    public TaskCompletionSource Reboots { get; } = new();
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
    public string Address => $"http://127.0.0.1:{Port}";
    public string Spool => Path.Combine(Machine.Paths.Data, "firn/web");
    public Slot? Trial => new GrubBootLoader(MachineDisk.OfRunningSystem(Machine.Paths)).Read().Trial?.Slot;

    /// <summary>All that a slot holds.</summary>
    public string Slots => string.Concat(new[] { "firn-boot-a", "firn-root-a", "firn-boot-b", "firn-root-b" }
        .Select(name => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Machine.Device(name))))));

    /// <summary>Runs lines of a shell; <c>$at</c> is the page, <c>ask PATH …</c> is curl with the session, and prints the status behind the answer.</summary>
    public string Curl(string script) => Shell.Run($$"""
        at={{Address}}
        ask() { path=$1; shift; curl -s --max-time 60 -b jar -c jar -w '%{http_code}\n' "$@" "$at$path"; }
        login() { ask /api/login -H "Origin: $at" --data-binary "$1"; }
        post() { path=$1; shift; ask "$path" -X POST -H "Origin: $at" -H "X-Firn-Token: $(cat token)" "$@"; }
        sign_in() { login '{{Password}}' | sed -n 's/.*"token":"\([0-9a-f]*\)".*/\1/p' > token; test -s token; }
        {{script}}
        """, Scratch.Path);

    /// <summary>Sends a file with curl, and waits for what becomes of it.</summary>
    public UploadState Upload(string file)
    {
        Assert.EndsWith("202\n", Curl($"sign_in; post '/api/upload?name={Path.GetFileName(file)}' --data-binary @{file}"));
        Assert.True(Desk.Installing.Wait(Patience), "the installation does not end");
        Assert.Empty(Directory.GetFiles(Spool));
        return Desk.State;
    }

    public string Bundle(string version = "2", Func<ReleaseTerms, ReleaseTerms>? change = null)
    {
        var release = TestRelease.Make(version);
        var terms = new ReleaseTerms { Name = release.Manifest.Name, Version = version, Hardware = release.Manifest.Hardware };
        var directory = $"stable/test-os-{version}-test-pc";
        Repository.AddTarget("stable", $"{directory}/manifest.json", release.Manifest.ToJson(), (change?.Invoke(terms) ?? terms).ToCustom());
        Repository.AddTarget("stable", $"{directory}/{release.Manifest.Boot.File}", release.Boot);
        Repository.AddTarget("stable", $"{directory}/{release.Manifest.Root.File}", release.Root);
        Repository.Publish("stable");
        return Repository.BundleTo(Scratch.File("update.firn"));
    }

    public void Dispose()
    {
        _stop.Cancel();
        Assert.True(_serving.Wait(Patience), "the server does not end");
        _listener.Dispose();
        _stop.Dispose();
        Machine.Dispose();
        Scratch.Dispose();
    }

    private InstallEnd Install(string file)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        TimeProvider clock = file.EndsWith(".swu", StringComparison.Ordinal) ? TimeProvider.System : new FixedClock(TestRepository.Now);
        var code = CommandTree.Run(["update", "install", file], new(Machine.Paths, clock), output, error);
        return new(code, output.ToString().Trim(), InstallProgram.LastLine(error.ToString()));
    }
}
