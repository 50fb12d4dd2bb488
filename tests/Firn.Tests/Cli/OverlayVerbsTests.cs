using System.Text.Json;
using Firn.Cli;
using Firn.Machine.Boot;
using Firn.Tests.Formats;

namespace Firn.Tests.Cli;

/// <summary>The verbs of overlays as a person uses them, from a directory to a plan.</summary>
public sealed class OverlayVerbsTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public OverlayVerbsTests() => Shell.Run("""
        mkdir -p fleet/etc fleet/layers/10-web-*/etc; echo all > fleet/etc/motd; echo web > 'fleet/layers/10-web-*/etc/motd'; : > 'fleet/layers/10-web-*/etc/.wh.issue'
        printf 'hostname=web-1\n' > web-1.facts; printf 'hostname=db-1\n' > db-1.facts; echo phrase > phrase
        minisign -G -W -p key.pub -s key.sec > /dev/null
        """, _scratch.Path);

    public void Dispose() => _scratch.Dispose();

    private (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = CommandTree.Run(arguments, new(new MachinePaths(_scratch.File("machine")), TimeProvider.System), output, error);
        return (code, output.ToString(), error.ToString());
    }

    private string Good(params string[] arguments)
    {
        var (code, output, error) = Run(arguments);
        Assert.True(code == 0, error);
        return output;
    }

    [Fact]
    public void From_a_directory_to_what_each_machine_gets()
    {
        var (overlay, secret, text) = (_scratch.File("fleet.ovl"), _scratch.File("m.key"), _scratch.File("fleet.txt"));
        Good("overlay", "pack", _scratch.File("fleet"), "-o", overlay);
        Good("overlay", "key", secret);
        Good("overlay", "encrypt", overlay, "--to", $"{secret}.pub", "--text", "-o", text);
        Good("overlay", "sign", text, "--minisign", _scratch.File("key.sec"));

        var plan = Good("overlay", "plan", text, "--key", secret, "--facts", _scratch.File("web-1.facts"), _scratch.File("db-1.facts"), "--json");

        var machines = JsonDocument.Parse(plan).RootElement;
        Assert.Equal("web-1", machines[0].GetProperty("name").GetString());
        Assert.Equal(["/etc/issue removed 10-web-*", "/etc/motd -0644 10-web-*"], Files(machines[0]));
        Assert.Equal(["/etc/motd -0644 "], Files(machines[1]));
        Assert.Contains("10-web-*: 3 files", Good("overlay", "inspect", text, "--key", secret));
        Assert.Equal("600\n", Shell.Run("stat -c %a m.key", _scratch.Path));
        Assert.Equal(1, Run("overlay", "inspect", text).Code);
        Assert.Equal(1, Run("overlay", "key", secret).Code);
        Assert.Contains("is a private key", Run("overlay", "encrypt", overlay, "--to", secret, "-o", text).Error);

        static string[] Files(JsonElement machine) => [.. machine.GetProperty("files").EnumerateArray().Select(
            file => $"{file.GetProperty("path").GetString()} {file.GetProperty("mode").GetString()} {file.GetProperty("layer").GetString()}")];
    }

    [Fact]
    public void A_detached_signature_is_one_of_minisign_and_an_attached_one_its_four_lines()
    {
        var overlay = _scratch.File("fleet.ovl");
        Good("overlay", "pack", _scratch.File("fleet"), "-o", overlay, "--format", "gzip");
        Good("overlay", "sign", overlay, "--minisign", _scratch.File("key.sec"), "--detached");
        Shell.Run("minisign -V -q -p key.pub -m fleet.ovl; cp fleet.ovl before", _scratch.Path);

        Good("overlay", "sign", overlay, "--minisign", _scratch.File("key.sec"));
        Good("overlay", "sign", overlay, "--minisign", _scratch.File("key.sec"));    // replaced, not added

        Shell.Run("tail -c +$(($(stat -c %s before) + 1)) fleet.ovl > after.minisig; head -c $(stat -c %s before) fleet.ovl | cmp - before; cp before after; minisign -V -q -p key.pub -m after", _scratch.Path);
    }

    [Fact]
    public void What_openssl_makes_and_reads_is_ours_as_well()
    {
        Good("overlay", "pack", _scratch.File("fleet"), "-o", _scratch.File("z"), "--format", "zlib");
        Good("overlay", "encrypt", _scratch.File("z"), "--passphrase-file", _scratch.File("phrase"), "--iterations", "777", "--text", "-o", _scratch.File("t"));
        Shell.Run("openssl enc -d -aes-256-cbc -pbkdf2 -iter 777 -pass file:phrase -a < t | cmp - z", _scratch.Path);
    }

    [Fact]
    public void A_machine_whose_image_takes_no_overlays_says_so()
    {
        var (code, _, error) = Run("overlay", "apply", "data:/x");
        Assert.Equal((3, true), (code, error.Contains("recipe: overlays")));
        Assert.Contains("no overlay was looked for", Good("overlay", "inspect"));
        Assert.Equal(2, Run("overlay", "apply").Code);
        Assert.Equal(2, Run("overlay", "encrypt", _scratch.File("phrase"), "-o", "x").Code);
    }
}
