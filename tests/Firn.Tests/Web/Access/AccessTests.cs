using System.Net;
using Firn.Tests.Formats;
using Firn.Web.Access;

namespace Firn.Tests.Web.Access;

public sealed class AccessTests
{
    private sealed class Stopwatch : TimeProvider
    {
        public TimeSpan Now { get; set; }
        public override long GetTimestamp() => Now.Ticks;
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }

    [Theory]
    [InlineData("-6")]
    [InlineData("-5")]
    public void Passwords_are_what_crypt_makes_of_them(string form)
    {
        var hash = ForeignTool.Run("openssl", "passwd", form, "pässword one").Trim();

        Assert.True(WebPassword.IsRight("pässword one", hash));
        Assert.False(WebPassword.IsRight("pässword on", hash));
        Assert.False(WebPassword.IsRight("", hash));
        Assert.False(WebPassword.IsRight("pässword one\0", hash));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("!")]
    [InlineData("*0")]
    [InlineData("plain text")]
    [InlineData("$9$nothing$knows")]
    public void What_is_no_hash_lets_nobody_in(string hash)
    {
        Assert.False(WebPassword.IsRight("*0", hash));
        Assert.False(WebPassword.IsRight(hash, hash));
    }

    [Fact]
    public void A_missing_or_empty_file_is_no_password()
    {
        using var scratch = new ScratchDirectory();

        Assert.Null(new WebPassword(scratch.File("none")).Hash);
        Assert.Null(new WebPassword(scratch.Write("empty", "\n"u8)).Hash);
        Assert.Equal("$6$x", new WebPassword(scratch.Write("one", "$6$x \nmore\n"u8)).Hash);
    }

    [Fact]
    public void Guessing_is_slow_from_one_place_and_from_many()
    {
        var clock = new Stopwatch();
        var limit = new LoginLimit(clock);
        var (one, sameNetwork, other) = (IPAddress.Parse("2001:db8::1"), IPAddress.Parse("2001:db8::2:3"), IPAddress.Parse("192.0.2.1"));

        for (var round = 0; round < LoginLimit.FromOnePlace; round++) Assert.True(limit.TryBegin(one));
        Assert.False(limit.TryBegin(one));
        Assert.False(limit.TryBegin(sameNetwork));
        Assert.True(limit.TryBegin(other));
        limit.Forget(one);
        Assert.True(limit.TryBegin(one));

        for (var host = 0; host < LoginLimit.FromAll; host++) limit.TryBegin(new IPAddress([10, 0, 0, (byte)host]));
        Assert.False(limit.TryBegin(IPAddress.Parse("192.0.2.77")));
        clock.Now = TimeSpan.FromSeconds(61);
        Assert.True(limit.TryBegin(IPAddress.Parse("192.0.2.77")));
    }

    [Fact]
    public void A_session_ends_with_its_time_its_password_and_when_there_are_too_many()
    {
        var clock = new Stopwatch();
        var sessions = new WebSessions(clock);
        var secret = SecretOf(sessions.Begin("hash", isEncrypted: false).Cookie);

        Assert.NotNull(sessions.Find(secret, "hash"));
        Assert.Null(sessions.Find("guess", "hash"));
        Assert.Null(sessions.Find(SecretOf(sessions.Begin("hash", isEncrypted: false).Cookie), "other hash"));
        Assert.Null(sessions.Find(SecretOf(sessions.Begin("hash", isEncrypted: false).Cookie), null));
        for (var more = 0; more < 16; more++)
        {
            clock.Now += TimeSpan.FromSeconds(1);
            sessions.Begin("hash", isEncrypted: false);
        }
        Assert.Null(sessions.Find(secret, "hash"));
        var late = SecretOf(sessions.Begin("hash", isEncrypted: false).Cookie);
        clock.Now += TimeSpan.FromHours(8);
        Assert.Null(sessions.Find(late, "hash"));
    }

    private static string SecretOf(string cookie)
    {
        Assert.Contains("; HttpOnly; SameSite=Strict", cookie);
        return cookie.Split('=', ';')[1];
    }
}
