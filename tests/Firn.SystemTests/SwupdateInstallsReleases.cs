using System.Collections.Immutable;
using System.Security.Cryptography;
using Firn.Formats.Releases;

namespace Firn.SystemTests;

/// <summary>Debian's SWUpdate reads, verifies and installs the files that <c>firn image swu</c> makes of releases.</summary>
public sealed class SwupdateInstallsReleases : IDisposable
{
    private const int PartitionBytes = 6 << 20;

    private readonly TemporaryDirectory _scratch = new();
    private readonly byte[] _boot = Content(1, 2_000_001);
    private readonly byte[] _root = Content(2, 5_000_007);

    public SwupdateInstallsReleases()
    {
        HostTool.RequireRoot();
        Directory.CreateDirectory(_scratch["release"]);
        File.WriteAllBytes(_scratch["release/boot.img"], _boot);
        File.WriteAllBytes(_scratch["release/root.squashfs"], _root);
        File.WriteAllBytes(_scratch["release/manifest.json"], new ReleaseManifest(
            1, "edge", "2.1", "x86-64", Image("boot.img", _boot), Image("root.squashfs", _root),
            new("test", 1_600_000_000, ImmutableSortedDictionary<string, string>.Empty)).ToJson());
        HostTool.Run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=updates",
            "-addext", "extendedKeyUsage=emailProtection", "-keyout", _scratch["key.pem"], "-out", _scratch["certificate.pem"]);
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("copy1", "a", false)]
    [InlineData("copy2", "b", false)]
    [InlineData("copy2", "b", true)]
    public void It_writes_both_images_to_the_slot_that_was_asked_for(string mode, string slot, bool isCompressed)
    {
        Make(isCompressed ? ["--zstd"] : []);
        using var devices = new Slots(_scratch);

        var output = devices.Install(_scratch["release.swu"], _scratch["certificate.pem"], $"stable,{mode}");

        Assert.True(output.Code == 0, output.Text);
        Assert.Equal(_boot, devices.Content($"firn-boot-{slot}", _boot.Length));
        Assert.Equal(_root, devices.Content($"firn-root-{slot}", _root.Length));
        var other = slot == "a" ? "b" : "a";
        Assert.All(devices.Content($"firn-root-{other}", PartitionBytes), value => Assert.Equal(0, value));
    }

    [Fact]
    public void It_takes_no_other_board_no_other_certificate_and_no_changed_byte()
    {
        Make();
        using var devices = new Slots(_scratch);
        var bytes = File.ReadAllBytes(_scratch["release.swu"]);
        HostTool.Run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=others",
            "-keyout", _scratch["other-key.pem"], "-out", _scratch["other.pem"]);

        Assert.NotEqual(0, devices.Install(_scratch["release.swu"], _scratch["certificate.pem"], "stable,copy2", "arm64:1.0").Code);
        Assert.NotEqual(0, devices.Install(_scratch["release.swu"], _scratch["certificate.pem"], "stable,copy2", "x86-64:2.0").Code);
        Assert.NotEqual(0, devices.Install(_scratch["release.swu"], _scratch["other.pem"], "stable,copy2").Code);
        // of the description, of its signature, of an image
        foreach (var place in new[] { Find(bytes, "description = "), Find(bytes, "sw-description.sig") + 200, bytes.Length - 1_000_000 })
        {
            var changed = bytes.ToArray();
            changed[place] ^= 1;
            File.WriteAllBytes(_scratch["changed.swu"], changed);
            var result = devices.Install(_scratch["changed.swu"], _scratch["certificate.pem"], "stable,copy2");
            Assert.True(result.Code != 0, $"byte {place}: {result.Text}");
        }
        Assert.Equal(0, devices.Install(_scratch["release.swu"], _scratch["certificate.pem"], "stable,copy2").Code);
    }

    private void Make(params string[] options) => HostTool.Run(Repository.MachineProgram,
        ["image", "swu", _scratch["release"], _scratch["release.swu"], "--key", _scratch["key.pem"], "--certificate", _scratch["certificate.pem"], .. options]);

    private static int Find(byte[] bytes, string text) => bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(text));

    private static byte[] Content(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static ReleaseImage Image(string name, byte[] bytes) => new(name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));

    /// <summary>Loop devices under the names that partitions of a machine have, which only SWUpdate sees.</summary>
    private sealed class Slots : IDisposable
    {
        private static readonly string[] Names = ["firn-boot-a", "firn-root-a", "firn-boot-b", "firn-root-b"];

        private readonly TemporaryDirectory _scratch;
        private readonly Dictionary<string, LoopDevice> _devices = [];

        public Slots(TemporaryDirectory scratch)
        {
            _scratch = scratch;
            foreach (var name in Names)
            {
                File.WriteAllBytes(scratch[name], new byte[PartitionBytes]);
                _devices[name] = new(scratch[name]);
            }
        }

        public (int Code, string Text) Install(string file, string certificate, string selection, string board = "x86-64:1.0")
        {
            var links = string.Join('\n', _devices.Select(one => $"ln -s {one.Value.Path} /dev/disk/by-partlabel/{one.Key}"));
            var script = $"""
                set -e
                mkdir -p /dev/disk {_scratch["tmp"]}
                mount -t tmpfs none /dev/disk
                mkdir /dev/disk/by-partlabel
                {links}
                set +e
                TMPDIR={_scratch["tmp"]} swupdate -k {certificate} -H {board} -e {selection} -i {file} > {_scratch["log"]} 2>&1
                echo $?
                """;
            var code = HostTool.Run("unshare", "--mount", "sh", "-c", script).Trim();
            return (int.Parse(code, System.Globalization.CultureInfo.InvariantCulture), File.ReadAllText(_scratch["log"]));
        }

        public byte[] Content(string name, int length)
        {
            HostTool.Run("blockdev", "--flushbufs", _devices[name].Path);
            return File.ReadAllBytes(_scratch[name])[..length];
        }

        public void Dispose()
        {
            foreach (var device in _devices.Values) device.Dispose();
        }
    }
}
