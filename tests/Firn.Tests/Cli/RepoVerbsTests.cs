using System.Collections.Immutable;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Firn.Cli;
using Firn.Formats.Releases;
using Firn.Publishing.Care;
using Firn.Publishing.Destinations;
using Firn.Publishing.Drafts;
using Firn.Publishing.Storage;
using Firn.Tests.Formats;
using Firn.Tests.Trust.Publishing;
using Firn.Trust.Client;
using Firn.Trust.Metadata;
using Firn.Trust.Transports;

namespace Firn.Tests.Cli;

/// <summary>The verbs as an operator types them, and tuf-js as the machine that reads what comes of it.</summary>
[SupportedOSPlatform("linux")]
public sealed class RepoVerbsTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private string Keys => _scratch.File("keys");
    private string Home => _scratch.File("updates");
    private string Web => _scratch.File("web");
    private string Memory => _scratch.File("memory");

    private (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = CommandTree.Run(arguments, new(), output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>In the repository, with all keys, and it must work.</summary>
    private string Do(params string[] arguments)
    {
        var (code, output, error) = Run([.. arguments, "--repo", Home, "--keys", Keys]);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: exit code {code}: {output}{error}");
        return output;
    }

    private void Init(params string[] options)
    {
        var (code, _, error) = Run(["repo", "init", Home, "--keys", Keys, "--no-passphrase", .. options]);
        Assert.True(code == 0, error);
    }

    /// <returns>Where it is, and the SHA-256 of its root image.</returns>
    private (string Directory, string RootSha256) Release(string version)
    {
        var directory = _scratch.File($"release-{version}");
        Directory.CreateDirectory(directory);
        ReleaseImage Image(string name, int size)
        {
            var bytes = RandomNumberGenerator.GetBytes(size);
            File.WriteAllBytes(Path.Combine(directory, name), bytes);
            return new(name, size, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
        var manifest = new ReleaseManifest(1, "edge-box", version, "x86-64", Image("boot.img", 1000), Image("root.squashfs", 70_000), new("firn", 0, ImmutableSortedDictionary<string, string>.Empty));
        File.WriteAllBytes(Path.Combine(directory, "manifest.json"), manifest.ToJson());
        return (directory, manifest.Root.Sha256);
    }

    private static string RootImage(string version) => $"stable/edge-box-{version}-x86-64/root.squashfs";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tuf_js_reads_what_we_publish_through_rotations_of_every_key(bool hasBins)
    {
        Init();
        Do(["repo", "delegate", "stable", "--no-passphrase", .. hasBins ? ["--hash-bins", "256"] : Array.Empty<string>()]);
        var (first, firstHash) = Release("1.0");
        Do("repo", "add", first, "--channel", "stable", "--hardware", "x86-64", "--wave", "10%/12h", "--wave", "100%/2d", "--notes", "a \"note\" \\ ü");
        Do("repo", "publish", Web);
        Assert.Equal(firstHash, ForeignJudges.Read(Web, Memory, RootImage("1.0"))[RootImage("1.0")]);
        Assert.Null(ForeignJudges.Read(Web, Memory, "stable/nothing/at-all")["stable/nothing/at-all"]);

        foreach (var role in new[] { "timestamp", "snapshot", "targets", "stable", "root" })
        {
            Run("key", "new", $"{role}-new", "--keys", Keys, "--no-passphrase");
            Do("key", "rotate", role, Path.Combine(Keys, role == "root" ? "root-1.pub" : $"{role}.pub"), Path.Combine(Keys, $"{role}-new.pub"));
            Do("repo", "publish", Web);
            Assert.Equal(firstHash, ForeignJudges.Read(Web, Memory, RootImage("1.0"))[RootImage("1.0")]);
        }
        Do("repo", "root", "rotate", "--threshold", "3");
        var (second, secondHash) = Release("1.1");
        Do("repo", "add", second, "--channel", "stable");
        Do("repo", "pause", "stable/1.0");
        Do("repo", "publish", Web);

        var seen = ForeignJudges.Read(Web, Memory, RootImage("1.0"), RootImage("1.1"));
        Assert.Equal((firstHash, secondHash), (seen[RootImage("1.0")], seen[RootImage("1.1")]));
        Assert.Equal(secondHash, ForeignJudges.Read(Web, _scratch.File("new-machine"), RootImage("1.1"))[RootImage("1.1")]);
        Assert.Contains("no problems", Run("repo", "verify", Web).Output);
        Assert.Contains("stable/1.0        edge-box for x86-64: paused", Run("repo", "list", "--repo", Home).Output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bundle_proves_its_release_to_a_machine_that_has_only_the_first_root(bool hasBins)
    {
        Init();
        Do(["repo", "delegate", "stable", "--no-passphrase", .. hasBins ? ["--hash-bins", "64"] : Array.Empty<string>()]);
        Do("repo", "delegate", "beta", "--no-passphrase");
        var (release, hash) = Release("1.0");
        Do("repo", "add", release, "--channel", "stable");
        Do("repo", "add", Release("2.0").Directory, "--channel", "stable");
        Assert.Equal(ExitCode.Refused, Run("repo", "bundle", "stable/1.0", "-o", _scratch.File("early.firn"), "--repo", Home).Code);
        Do("repo", "publish");
        Do("repo", "root", "rotate");
        Do("repo", "publish");
        var (code, _, error) = Run("repo", "bundle", "stable/1.0", "-o", _scratch.File("box.firn"), "--repo", Home);
        Assert.True(code == 0, error);

        var token = TestContext.Current.CancellationToken;
        var store = new TrustStore(_scratch.File("machine"));
        store.Write("root", await File.ReadAllBytesAsync(Path.Combine(Home, "metadata/1.root.json"), token));
        using var client = new TrustClient(store, [Transport.Of(_scratch.File("box.firn"), new())], TimeProvider.System, new());
        await client.RefreshAsync(RefreshOptions.Default, token);
        await TargetDownload.RunAsync(client, await client.RequireAsync(RootImage("1.0"), token), _scratch.File("root.squashfs"), token);

        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(_scratch.File("root.squashfs"), token))));
        Assert.DoesNotContain("2.0", string.Join(' ', ForeignTool.Run("tar", "-tf", _scratch.File("box.firn"))));
        Assert.False(File.Exists(_scratch.File("early.firn")));
    }

    [Fact]
    public void Tuf_js_and_we_refuse_the_same_tampering()
    {
        Init();
        Do("repo", "delegate", "stable", "--no-passphrase");
        Do("repo", "add", Release("1.0").Directory, "--channel", "stable");
        Do("repo", "publish", Web);
        var image = Directory.GetFiles(Web, "*.root.squashfs", SearchOption.AllDirectories).Single();
        var bytes = File.ReadAllBytes(image);
        bytes[12345] ^= 1;
        File.WriteAllBytes(image, bytes);

        var (code, output, _) = Run("repo", "verify", Web);

        Assert.Equal(ExitCode.Untrusted, code);
        Assert.Contains($"{RootImage("1.0")}: has SHA-256", output);
        Assert.Contains("hash", ForeignJudges.Refuses(Web, Memory, RootImage("1.0")));
    }

    [Fact]
    public void An_expired_timestamp_is_told_by_status_verify_and_every_client()
    {
        Init("--lifetime", "timestamp=1h");
        Do("repo", "delegate", "stable", "--no-passphrase");
        Do("repo", "publish", Web);
        Assert.Equal(ExitCode.ExpiresSoon, Run("repo", "status", "--repo", Home, "--keys", Keys, "--warn-before", "2h").Code);

        var late = new Wiring(new(), new LateClock(TimeSpan.FromHours(3)));
        var output = new StringWriter();

        Assert.Equal(ExitCode.Untrusted, CommandTree.Run(["repo", "status", "--repo", Home, "--keys", Keys], late, output, output));
        Assert.Contains("timestamp  version 1, EXPIRED 2 hours ago", output.ToString());
        Assert.Equal(ExitCode.Untrusted, CommandTree.Run(["repo", "verify", Web], late, output, output));
        Assert.Equal(0, CommandTree.Run(["repo", "resign", "--timestamp-only", "--publish-to", Web, "--repo", Home, "--keys", Keys], late, output, output));
        Assert.Equal(0, CommandTree.Run(["repo", "verify", Web], late, output, output));
    }

    private sealed class LateClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    [Fact]
    public void A_command_signs_in_the_place_of_a_key()
    {
        ForeignTool.Run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", _scratch.File("card.pem"));
        ForeignTool.Run("openssl", "pkey", "-in", _scratch.File("card.pem"), "-pubout", "-out", _scratch.File("card-public.pem"));
        var sign = $"openssl dgst -sha256 -sign {_scratch.File("card.pem")}";
        Assert.Equal(0, Run("key", "new", "card", "--keys", Keys, "--sign-with", sign, "--public-key", _scratch.File("card-public.pem")).Code);
        Init("--targets-key", Path.Combine(Keys, "card.pub"));
        Do("repo", "delegate", "stable", "--channel-key", Path.Combine(Keys, "card.pub"));
        var (release, hash) = Release("1.0");
        Do("repo", "add", release, "--channel", "stable");
        Do("repo", "publish", Web);

        Assert.Equal(hash, ForeignJudges.Read(Web, Memory, RootImage("1.0"))[RootImage("1.0")]);
        File.WriteAllText(Path.Combine(Keys, "card.key"), File.ReadAllText(Path.Combine(Keys, "card.key")).Replace(sign, "echo nonsense"));
        var (code, _, error) = Run("repo", "pause", "stable/1.0", "--repo", Home, "--keys", Keys);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("'echo nonsense' wrote 9 bytes that are no signature by key", error);
    }

    [Fact]
    public void Keys_are_encrypted_and_the_passphrase_comes_from_a_file()
    {
        var passphrase = _scratch.Write("passphrase", Encoding.UTF8.GetBytes("correct horse\nsecond line"));
        Assert.Equal(0, Run("key", "new", "a", "--keys", Keys, "--passphrase-file", passphrase).Code);
        var file = Path.Combine(Keys, "a.key");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Contains("BEGIN ENCRYPTED PRIVATE KEY", File.ReadAllText(file));
        ForeignTool.Run("openssl", "pkey", "-in", file, "-passin", "pass:correct horse", "-noout");
        Assert.NotEqual(0, Run("key", "new", "a", "--keys", Keys, "--passphrase-file", passphrase).Code);    // never over another
        Assert.Contains("encrypted", Run("key", "list", "--keys", Keys).Output);

        Init("--timestamp-key", file);
        var wrong = _scratch.Write("wrong", "battery staple\n"u8);
        var (code, _, error) = Run("repo", "publish", "--repo", Home, "--keys", Keys, "--passphrase-file", wrong);
        Assert.Equal(ExitCode.Failed, code);
        Assert.StartsWith($"{file}: wrong passphrase", error);
        Assert.Equal(0, Run("repo", "publish", "--repo", Home, "--keys", Keys, "--passphrase-file", passphrase).Code);
    }

    [Fact]
    public void A_release_that_is_not_what_its_manifest_says_is_refused()
    {
        Init();
        Do("repo", "delegate", "stable", "--no-passphrase");
        var (release, _) = Release("1.0");
        File.AppendAllText(Path.Combine(release, "boot.img"), "x");

        var (code, _, error) = Run("repo", "add", release, "--channel", "stable", "--repo", Home, "--keys", Keys);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("boot.img: has 1001 bytes, the manifest says 1000", error);
        Assert.Contains("no releases", Run("repo", "list", "--repo", Home).Output);
        Assert.Contains("is for x86-64, not for arm64", Run("repo", "add", release, "--channel", "stable", "--hardware", "arm64", "--repo", Home, "--keys", Keys).Error);
        Assert.Contains("beta: no such channel; there are stable", Run("repo", "add", release, "--channel", "beta", "--repo", Home, "--keys", Keys).Error);
    }

    [Fact]
    public void Someone_else_at_the_repository_is_waited_for_by_a_refusal()
    {
        Init();
        using var other = RepositoryEditor.Open(Home, TimeProvider.System);

        var (code, _, error) = Run("repo", "publish", "--repo", Home, "--keys", Keys);

        Assert.Equal(ExitCode.Refused, code);
        Assert.Contains("another firn is working on this repository", error);
    }

    /// <summary>Three parts, and a broken one: then nothing is there, and no part of it is left behind.</summary>
    private async Task LargeFilesGoInPartsAsync(S3Address address, CancellationToken token)
    {
        var content = RandomNumberGenerator.GetBytes((2 << 24) + 12345);
        var file = new PublishedFile("targets/stable/large/" + new string('1', 64) + ".root.squashfs", new(content.Length, FileHashes.Of(content)), PublishedKind.Target);
        using var there = new S3Destination(address, new("S3RVER", "S3RVER", null), TimeProvider.System);

        await Assert.ThrowsAsync<IOException>(() => there.WriteAsync(file, () => new BreakingStream(content, (1 << 24) + 1), null, token));
        Assert.Null(await there.SizeOfAsync(file.Path, token));
        await there.WriteAsync(file, () => new MemoryStream(content), null, token);

        Assert.Equal(content.Length, await there.SizeOfAsync(file.Path, token));
        await using var back = await there.OpenAsync(file.Path, 1 << 24, token);
        var rest = new MemoryStream();
        await back!.CopyToAsync(rest, token);
        Assert.Equal(content[(1 << 24)..], rest.ToArray());
        var uploads = Directory.EnumerateDirectories(_scratch.File("store"), "*uploads*", SearchOption.AllDirectories);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Assert.Single(uploads)));
    }

    private async Task WhatNobodyNamesGoesAsync(S3Address address, CancellationToken token)
    {
        using var there = new S3Destination(address, new("S3RVER", "S3RVER", null), new LateClock(TimeSpan.Zero));
        var before = await there.ListAsync(token);

        var result = await RepositoryPrune.RunAsync(there, StagedEdit.None, DateTimeOffset.UtcNow.AddDays(1), new(1, TimeSpan.Zero), isDryRun: false, token);

        Assert.Equal(["targets/stable/large/" + new string('1', 64) + ".root.squashfs"], result.Removed);
        Assert.Equal(9, before.Count);
        Assert.Equal(8, (await there.ListAsync(token)).Count);
    }

    /// <summary>Ends with an error, as a source on a failing disk does.</summary>
    private sealed class BreakingStream(byte[] content, int at) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position >= at ? throw new IOException("the disk is failing") : base.ReadAsync(buffer[..(int)Math.Min(buffer.Length, at - Position)], cancellationToken);
    }

    /// <summary>A story with real processes: each round two copies publish at the same moment.</summary>
    [Fact]
    public async Task Two_people_who_publish_at_the_same_time_lose_nothing()
    {
        Init("--publish-to", Web);
        Do("repo", "delegate", "stable", "--no-passphrase");
        Do("repo", "add", Release("1.0").Directory, "--channel", "stable");
        Do("repo", "publish");
        var bobs = _scratch.File("bobs");
        ForeignTool.Run("cp", "-a", Home, bobs);
        string[] copies = [Home, bobs];
        var expected = new List<string> { RootImage("1.0") };

        for (var round = 0; round < 3; round++)
        {
            foreach (var (copy, version) in copies.Zip(new[] { $"2.{round}", $"3.{round}" }))
            {
                var (code, _, error) = Run("repo", "add", Release(version).Directory, "--channel", "stable", "--repo", copy, "--keys", Keys);
                Assert.True(code == 0, error);
                expected.Add(RootImage(version));
            }
            var both = copies.Select(copy => FirnProcess.Start([], "repo", "publish", "--repo", copy, "--keys", Keys)).ToArray();
            var errors = await Task.WhenAll(both.Select(process => process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)));
            foreach (var process in both) await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            var codes = both.Select(process => process.ExitCode).ToArray();
            foreach (var process in both) process.Dispose();

            Assert.True(codes.Order().SequenceEqual([0, ExitCode.Refused]), $"exit codes {string.Join(", ", codes)}: {string.Join("", errors)}");
            var (first, second) = codes[0] == 0 ? (0, 1) : (1, 0);
            if (!errors[second].Contains("another firn is publishing there")) Assert.Contains("'firn repo pull' brings that here", errors[second]);
            foreach (var (verb, copy) in new[] { ("pull", second), ("publish", second), ("pull", first) })
            {
                var (code, output) = FirnProcess.Run([], "repo", verb, "--repo", copies[copy], "--keys", Keys);
                Assert.True(code == 0, $"{verb}: exit code {code}: {output}");
            }
        }

        Assert.DoesNotContain(null, ForeignJudges.Read(Web, Memory, [.. expected]).Values);
        Assert.Contains("no problems", Run("repo", "verify", Web).Output);
        Assert.Equal(["metadata", "targets"], Directory.GetFileSystemEntries(Web).Select(Path.GetFileName).Order());
        Assert.Equal(File.ReadAllBytes(Path.Combine(Web, "metadata/timestamp.json")), File.ReadAllBytes(Path.Combine(bobs, "metadata/timestamp.json")));
    }

    [Fact]
    public void A_directory_that_is_published_to_is_cleaned_up_and_holds_nothing_else()
    {
        Init("--publish-to", Web);
        Do("repo", "delegate", "stable", "--no-passphrase");
        Do("repo", "add", Release("1.0").Directory, "--channel", "stable");
        Do("repo", "publish");
        Do("repo", "remove", "stable/1.0");
        Do("repo", "add", Release("1.1").Directory, "--channel", "stable");
        Do("repo", "publish");

        var late = new Wiring(new(), new LateClock(TimeSpan.FromMinutes(1)));
        string Prune(params string[] more)
        {
            var output = new StringWriter();
            Assert.Equal(0, CommandTree.Run(["repo", "prune", Web, "--keep", "1", .. more, "--repo", Home], late, output, output));
            return output.ToString();
        }

        Assert.Equal(0, Run("repo", "prune", "--dry-run", "--repo", Home).Code);    // without a place and with what is usual
        foreach (var wrong in new[] { "0", "x" }) Assert.Contains($"--keep {wrong}: expected", Run("repo", "prune", "--keep", wrong).Error);
        Assert.Contains("0 files, 0 B removed", Prune());    // thirty days have not gone by
        Assert.Contains("5 files", Prune("--keep-days", "0", "--dry-run"));
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(Web, "targets/stable")).Length);
        Assert.Contains("5 files", Prune("--keep-days", "0"));
        Assert.EndsWith("edge-box-1.1-x86-64", Assert.Single(Directory.GetDirectories(Path.Combine(Web, "targets/stable"))));
        Assert.Contains("no problems", Run("repo", "verify", Web).Output);
        Assert.Equal(["metadata", "targets"], Directory.GetFileSystemEntries(Web).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_store_that_speaks_S3_takes_it_and_serves_it()
    {
        Init();
        Do("repo", "delegate", "stable", "--no-passphrase");
        var (release, _) = Release("1.0+b~1");
        Do("repo", "add", release, "--channel", "stable");
        Do("repo", "publish");
        var token = TestContext.Current.CancellationToken;
        var (store, port) = ForeignJudges.StartStore(_scratch.File("store"), "updates");
        using (store)
        {
            var address = S3Address.Parse("s3://updates/fleet", $"http://127.0.0.1:{port}", null, _ => null);
            var source = new DirectoryFiles(Home);
            var published = PublishedRepository.Read(source)!;
            async Task<PublishResult> Publish(string secret)
            {
                using var there = new S3Destination(address, new("S3RVER", secret, null), TimeProvider.System);
                return await Publisher.CopyAsync(published, source, there, new(ChecksAll: true, Overwrites: false), null, token);
            }

            var refused = await Assert.ThrowsAsync<IOException>(() => Publish("WRONG"));
            var first = await Publish("S3RVER");
            var second = await Publish("S3RVER");

            Assert.Contains("the store answered 403 SignatureDoesNotMatch", refused.Message);
            Assert.Equal((8, 0), (first.Files, first.Skipped));
            Assert.Equal((0, 8), (second.Files, second.Skipped));
            var root = Path.Combine(Home, "metadata/1.root.json");
            Assert.Contains("3 files", Run("repo", "verify", $"http://127.0.0.1:{port}/updates/fleet", "--root", root).Output);
            await LargeFilesGoInPartsAsync(address, token);
            await WhatNobodyNamesGoesAsync(address, token);
            store.StandardInput.Close();
            await store.WaitForExitAsync(token);
        }
    }
}
