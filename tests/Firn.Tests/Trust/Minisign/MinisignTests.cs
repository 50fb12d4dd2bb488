using System.Text;
using Firn.Cli;
using Firn.Tests.Formats;
using Firn.Trust.Minisign;

namespace Firn.Tests.Trust.Minisign;

/// <summary>Debian's minisign judges in both directions.</summary>
public sealed class MinisignTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public MinisignTests()
    {
        _scratch.Write("data", Encoding.UTF8.GetBytes(new string('x', 300_001)));
        Tool("minisign -G -W -f -p key.pub -s key.sec");
    }

    [Theory]
    [InlineData(0, "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce")]
    [InlineData(3, "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923")]
    public void Blake2b_has_the_values_of_its_specification(int count, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(Blake2b.Hash(64, "abc"u8[..count].ToArray())));

    [Theory]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(4096)]
    public void Blake2b_agrees_with_b2sum_at_the_edges_of_blocks(int count)
    {
        _scratch.Write("edge", [.. Enumerable.Range(0, count).Select(number => (byte)number)]);
        var expected = Tool("b2sum -l 256 edge").Split(' ')[0];
        Assert.Equal(expected, Convert.ToHexStringLower(Blake2b.Hash(32, File.ReadAllBytes(_scratch.File("edge")))));
    }

    [Theory]
    [InlineData("-H")]
    [InlineData("-l")]
    public void What_minisign_signs_we_verify(string form)
    {
        Tool($"minisign -S {form} -s key.sec -m data -t 'a comment of mine'");

        var (code, output) = Firn("verify", "--minisign", _scratch.File("key.pub"), _scratch.File("data"));

        Assert.Equal(0, code);
        Assert.Contains("trusted comment: a comment of mine", output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_we_sign_minisign_verifies(bool isLegacy)
    {
        string[] more = isLegacy ? ["--legacy"] : [];
        Assert.Equal(0, Firn(["sign", "--minisign", _scratch.File("key.sec"), _scratch.File("data"), "--trusted-comment", "ours", .. more]).Code);

        Assert.Contains("Trusted comment: ours", Tool("minisign -V -p key.pub -m data"));
    }

    [Fact]
    public void An_encrypted_key_opens_with_its_passphrase_only()
    {
        Tool("printf 'one two\\none two\\n' | minisign -G -f -p enc.pub -s enc.sec");
        _scratch.Write("phrase", "one two\n"u8);
        _scratch.Write("other", "one three\n"u8);
        string[] sign = ["sign", "--minisign", _scratch.File("enc.sec"), _scratch.File("data"), "--passphrase-file"];

        Assert.Equal(0, Firn([.. sign, _scratch.File("phrase")]).Code);
        Assert.Contains("Signature and comment signature verified", Tool("minisign -V -p enc.pub -m data"));
        Assert.Equal((1, true), Firn([.. sign, _scratch.File("other")]) is var (code, output) ? (code, output.Contains("another passphrase")) : default);
        Assert.Equal(1, Firn(sign[..^1]).Code);
    }

    [Fact]
    public void A_key_that_we_make_signs_for_minisign_and_for_us()
    {
        var (code, output) = Firn("key", "new", "ours", "--minisign", "--no-passphrase", "--keys", _scratch.Path);
        Assert.True(code == 0, output);

        Tool("minisign -S -s ours.minisign -m data -t theirs");
        Assert.Equal(0, Firn("verify", "--minisign", _scratch.File("ours.minisign.pub"), _scratch.File("data")).Code);
        Assert.Equal(0, Firn("sign", "--minisign", _scratch.File("ours.minisign"), _scratch.File("data")).Code);
        Tool("minisign -V -p ours.minisign.pub -m data && minisign -R -s ours.minisign -p again.pub");
        Assert.Equal(File.ReadAllLines(_scratch.File("ours.minisign.pub"))[1], File.ReadAllLines(_scratch.File("again.pub"))[1]);
        Assert.Equal(1, Firn("key", "new", "ours", "--minisign", "--no-passphrase", "--keys", _scratch.Path).Code);    // never over another
        Assert.Equal(0, Firn("key", "list", "--keys", _scratch.Path).Code);    // keys for metadata are looked for beside it
    }

    [Fact]
    public void An_encrypted_key_that_we_make_opens_for_minisign()
    {
        _scratch.Write("phrase", "one two\n"u8);
        var (code, output) = Firn("key", "new", "ours", "--minisign", "--passphrase-file", _scratch.File("phrase"), "--keys", _scratch.Path);
        Assert.True(code == 0, output);

        Tool("printf 'one two\n' | minisign -S -s ours.minisign -m data");
        Assert.Equal(0, Firn("verify", "--minisign", _scratch.File("ours.minisign.pub"), _scratch.File("data")).Code);
        Assert.Equal(0, Firn("sign", "--minisign", _scratch.File("ours.minisign"), _scratch.File("data"), "--passphrase-file", _scratch.File("phrase")).Code);
        Tool("minisign -V -p ours.minisign.pub -m data");
    }

    /// <summary>On a terminal, which util-linux's script provides.</summary>
    [Fact]
    public void The_passphrase_is_asked_for_on_the_terminal()
    {
        Tool("printf 'one two\none two\n' | minisign -G -f -p enc.pub -s enc.sec");
        var firn = Path.Combine(AppContext.BaseDirectory, "firn.dll");

        var output = Tool($"printf 'one two\n' | script -qec 'dotnet {firn} sign --minisign enc.sec data' /dev/null");

        Assert.Contains("passphrase of", output);
        Tool("minisign -V -p enc.pub -m data");
    }

    [Theory]
    [InlineData("data", "x", "is not what key")]
    [InlineData("data.minisig", "a comment of mine", "trusted comment is not what key")]
    public void What_was_changed_is_refused(string file, string text, string expected)
    {
        Tool("minisign -S -s key.sec -m data -t 'a comment of mine'");
        var content = File.ReadAllText(_scratch.File(file));
        File.WriteAllText(_scratch.File(file), content.Remove(content.IndexOf(text, StringComparison.Ordinal), 1));

        var (code, output) = Firn("verify", "--minisign", _scratch.File("key.pub"), _scratch.File("data"));

        Assert.Equal(ExitCode.Untrusted, code);
        Assert.Contains(expected, output);
    }

    [Fact]
    public void Another_key_is_named()
    {
        Tool("minisign -S -s key.sec -m data && minisign -G -W -f -p other.pub -s other.sec");
        Assert.Contains("signed by key", Firn("verify", "--minisign", _scratch.File("other.pub"), _scratch.File("data")).Output);
    }

    [Fact]
    public void Damage_of_a_signature_is_survived()
    {
        Tool("minisign -S -s key.sec -m data");
        Damage.IsSurvived(File.ReadAllBytes(_scratch.File("data.minisig")), bytes => MinisignSignature.Read(Encoding.UTF8.GetString(bytes)));
    }

    private string Tool(string command) => Shell.Run(command, _scratch.Path);

    private static (int Code, string Output) Firn(params string[] arguments)
    {
        var output = new StringWriter();
        return (CommandTree.Run(arguments, new(), output, output), output.ToString());
    }

    public void Dispose() => _scratch.Dispose();
}
