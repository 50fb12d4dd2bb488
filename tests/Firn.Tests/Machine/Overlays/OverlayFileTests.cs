using System.Text;
using Firn.Formats.Overlays;
using Firn.Linux.Cryptography;
using Firn.Machine.Overlays;
using Firn.Tests.Formats;
using Firn.Trust;

namespace Firn.Tests.Machine.Overlays;

/// <summary>Overlay files against the programs that have always made and read them: tar, gzip, zstd, openssl, minisign.</summary>
public sealed class OverlayFileTests : IDisposable
{
    private const string Pack = "mkdir -p o/etc o/layers/10-linux/etc; echo all > o/etc/motd; echo linux > o/layers/10-linux/etc/motd; "
        + "ln -s motd o/etc/issue; chmod 600 o/etc/motd; tar -cf o.tar -C o .; ";
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private byte[] Made(string script, string file)
    {
        Shell.Run(Pack + script, _scratch.Path);
        return File.ReadAllBytes(_scratch.File(file));
    }

    private static string Motd(Overlay overlay, string kernel) => Encoding.UTF8.GetString(
        OverlayPlan.Of(overlay, NamedValues.None.With(NodeFacts.Kernel, kernel)).Tree.Find("etc/motd")!.Content.ReadAll());

    [Theory]
    [InlineData("true", "o.tar")]
    [InlineData("gzip o.tar", "o.tar.gz")]
    [InlineData("zstd -q o.tar", "o.tar.zst")]
    [InlineData("openssl zlib < o.tar > o.z 2> /dev/null || python3 -c 'import zlib,sys; open(\"o.z\",\"wb\").write(zlib.compress(open(\"o.tar\",\"rb\").read()))'", "o.z")]
    [InlineData("base64 o.tar > o.txt", "o.txt")]
    [InlineData("zstd -q < o.tar | base64 -w 0 > o.txt", "o.txt")]
    public void Archives_of_other_programs_open(string script, string file)
    {
        var overlay = OverlayFile.Open(Made(script, file), OverlayKeys.None);

        Assert.Equal(("linux\n", "all\n"), (Motd(overlay, "Linux"), Motd(overlay, "FreeBSD")));
        Assert.Equal(0x180u, overlay.Base.Find("etc/motd")!.Mode);
        Assert.Equal("motd", overlay.Base.Find("etc/issue")!.LinkTarget);
    }

    [Theory]
    [InlineData("openssl enc -aes-256-cbc -pbkdf2 -pass file:phrase -a", 10000)]
    [InlineData("openssl enc -aes-256-cbc -pbkdf2 -pass file:phrase -a -A", 10000)]
    [InlineData("openssl enc -aes-256-cbc -pbkdf2 -pass file:phrase", 10000)]
    [InlineData("openssl enc -aes-256-cbc -pbkdf2 -iter 4321 -pass file:phrase -a", 4321)]
    public void What_openssl_encrypted_opens(string command, int iterations)
    {
        var file = Made($"printf 'correct horse\\nsecond line' > phrase; gzip < o.tar | {command} > o.enc", "o.enc");

        Assert.Equal("linux\n", Motd(OverlayFile.Open(file, new(null, "correct horse", iterations)), "Linux"));
        var error = Assert.Throws<InvalidDataException>(() => OverlayFile.Open(file, new(null, "wrong horse", iterations)));
        Assert.Matches("passphrase|tar|overlay", error.Message);
        Assert.Contains("passphrase is needed", Assert.Throws<InvalidDataException>(() => OverlayFile.Open(file, OverlayKeys.None)).Message);
    }

    [Fact]
    public void What_we_encrypt_openssl_opens()
    {
        var tar = Made("echo 'correct horse' > phrase", "o.tar");
        _scratch.Write("ours.txt", OverlayText.ToBase64(OpenSslCipher.Encrypt(tar, "correct horse", "12345678"u8, OpenSslCipher.DefaultIterations)));

        Shell.Run("openssl enc -d -aes-256-cbc -pbkdf2 -pass file:phrase -a < ours.txt | cmp - o.tar", _scratch.Path);
    }

    [Fact]
    public void An_overlay_is_opened_by_the_keys_it_is_for_and_no_other()
    {
        var tar = Made("for i in 1 2 3; do openssl genpkey -algorithm X25519 -out k$i 2> /dev/null; openssl pkey -in k$i -pubout -out p$i; done", "o.tar");
        var sealedFile = OverlaySeal.Seal(tar, [.. new[] { "p1", "p2" }.Select(name => ExchangeKey.PublicFromPem(File.ReadAllText(_scratch.File(name))))]);

        foreach (var name in new[] { "k1", "k2" })
            Assert.Equal("all\n", Motd(OverlayFile.Open(sealedFile, new(File.ReadAllText(_scratch.File(name)), null)), ""));
        Assert.Contains("not for this machine's key", Assert.Throws<InvalidDataException>(
            () => OverlayFile.Open(sealedFile, new(File.ReadAllText(_scratch.File("k3")), null))).Message);
        Assert.Contains("has no key", Assert.Throws<InvalidDataException>(() => OverlayFile.Open(sealedFile, OverlayKeys.None)).Message);
    }

    [Fact]
    public void Every_change_of_an_encrypted_overlay_is_noticed()
    {
        using var key = ExchangeKey.Generate();
        var sealedFile = OverlaySeal.Seal("content"u8, [key.PublicKey()]);
        Assert.Equal("content"u8, OverlaySeal.Open(sealedFile, key));

        for (var i = 0; i < sealedFile.Length; i++)
        {
            sealedFile[i] ^= 1;
            Assert.Throws<InvalidDataException>(() => OverlaySeal.Open(sealedFile, key));
            sealedFile[i] ^= 1;
        }
        for (var length = 0; length < sealedFile.Length; length++)
            Assert.Throws<InvalidDataException>(() => OverlaySeal.Open(sealedFile.AsMemory(0, length), key));
    }

    [Fact]
    public void What_minisign_signed_is_believed_attached_or_beside()
    {
        var tar = Made("minisign -G -W -p k.pub -s k.sec > /dev/null; minisign -S -s k.sec -m o.tar; cat o.tar o.tar.minisig > signed", "signed");
        var trust = new OverlayTrust([File.ReadLines(_scratch.File("k.pub")).Last()], AllowsUnsigned: false);

        var (content, signer) = trust.Verify(tar, "signed");

        Assert.Equal(File.ReadAllBytes(_scratch.File("o.tar")), content);
        Assert.StartsWith("signed by ", signer);
        tar[600] ^= 1;
        Assert.Equal(TrustFailure.Unsigned, Assert.Throws<TrustException>(() => trust.Verify(tar, "signed")).Failure);
        Assert.Equal(TrustFailure.Unsigned, Assert.Throws<TrustException>(() => trust.Verify(content, "bare")).Failure);
        Assert.Throws<TrustException>(() => (trust with { Keys = [] }).Verify(tar, "signed"));
    }

    [Fact]
    public void Unsigned_ones_are_taken_only_where_that_is_allowed_and_bad_signatures_nowhere()
    {
        var tar = Made("minisign -G -W -p k.pub -s k.sec > /dev/null; minisign -S -s k.sec -m o.tar; cat o.tar o.tar.minisig > signed", "signed");
        var lenient = new OverlayTrust([File.ReadLines(_scratch.File("k.pub")).Last()], AllowsUnsigned: true);

        Assert.Equal("unsigned", lenient.Verify(File.ReadAllBytes(_scratch.File("o.tar")), "bare").Signer);
        tar[600] ^= 1;
        Assert.Throws<TrustException>(() => lenient.Verify(tar, "signed"));
    }

    [Fact]
    public void Archives_of_Alpine_are_overlays()
    {
        // as lbu commit makes them: paths without a leading dot, no entry for the root
        var file = Made("mkdir -p a/etc/apk; echo box > a/etc/hostname; echo alpine-base > a/etc/apk/world; tar -C a -czf box.apkovl.tar.gz etc/hostname etc/apk/world", "box.apkovl.tar.gz");

        Assert.Equal(["etc", "etc/apk", "etc/apk/world", "etc/hostname"], OverlayFile.Open(file, OverlayKeys.None).Base.Walk().Select(entry => entry.Path));
    }

    [Theory]
    [InlineData("tar -cPf bad ../../etc/passwd", "..")]
    [InlineData("mkdir x; ln -s /etc x/etc; tar -cf bad -C x etc; mkdir -p y/etc; echo x > y/etc/passwd; tar -rf bad -C y etc/passwd", "symbolic links")]
    [InlineData("mkdir x; ln -s /usr/lib x/lib; tar -cf bad -C x lib; mkdir -p y/lib/firn; echo x > y/lib/firn/root.json; tar -rf bad -C y lib/firn/root.json", "cannot be delivered")]
    [InlineData("mknod -m 600 o/etc/null c 1 3; tar -cf bad -C o .", "device")]
    [InlineData("mkfifo o/etc/pipe; tar -cf bad -C o .", "FIFO")]
    [InlineData("head -c 300000000 /dev/zero | gzip -1 > bad", "more than")]
    [InlineData("truncate -s 200M o/etc/big; tar -cf - -C o . | zstd -q > bad", "more than")]
    [InlineData("gzip < o.tar | head -c 150 > bad", "")]
    [InlineData("zstd -q < o.tar | head -c 150 > bad", "")]
    [InlineData("head -c 700 o.tar > bad", "truncated")]
    [InlineData(": > bad", "is empty")]
    [InlineData("echo nonsense > bad", "neither a tar archive")]
    [InlineData("head -c 1000 /dev/zero > bad", "neither a tar archive")]
    [InlineData("head -c 300M /dev/zero | gzip -1 > bad", "unpacks to more")]
    [InlineData("base64 o.tar | base64 | base64 | base64 | base64 > bad", "wrapped")]
    public void Hostile_and_damaged_files_are_refused(string script, string reason)
    {
        var file = Made(script, "bad");
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => OverlayFile.Open(file, OverlayKeys.None)).Message);
    }

    [Fact]
    public void Packing_is_opened_by_tar()
    {
        Shell.Run(Pack, _scratch.Path);
        foreach (var (form, option) in new[] { (OverlayForm.Zstd, "--zstd"), (OverlayForm.Gzip, "-z"), (OverlayForm.Tar, "") })
        {
            _scratch.Write("ours", OverlayPacking.Pack(_scratch.File("o"), form, keepsOwners: false));
            Assert.Contains("./layers/10-linux/etc/motd", Shell.Run($"tar {option} -tf ours", _scratch.Path));
        }
        Shell.Run("mkdir -p o/proc/1", _scratch.Path);
        Assert.Contains("/proc", Assert.Throws<InvalidDataException>(() => OverlayPacking.Pack(_scratch.File("o"), OverlayForm.Tar, false)).Message);
    }

    [Fact]
    public void Damage_of_headers_of_encrypted_overlays_is_survived()
    {
        using var key = ExchangeKey.Generate();
        Damage.IsSurvived(OverlaySeal.Seal("x"u8, [key.PublicKey()]), bytes => SealedHeader.Read(bytes), reach: 60);
    }
}
