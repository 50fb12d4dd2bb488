using System.Text;
using Firn.Web.Http;

namespace Firn.Tests.Web.Http;

public sealed class HttpHeadTests
{
    private const string Valid = "POST /api/upload?name=a%20b HTTP/1.1\r\nHost: box:8080\r\nContent-Length: 17\r\nCookie: other=1; firn-session=abc ; x\r\nExpect: 100-Continue";

    private static HttpHead Read(string text) => HttpHead.Read(Encoding.Latin1.GetBytes(text));

    [Fact]
    public void A_head_is_taken_apart()
    {
        var head = Read(Valid);

        Assert.Equal(("POST", "/api/upload", "name=a%20b", 17L), (head.Method, head.Path, head.Query, head.LengthBytes));
        Assert.Equal(("abc", null, null), (head.Cookie("firn-session"), head.Cookie("firn"), head.Cookie("none")));
        Assert.Equal(("box:8080", true), (head["hOST"], head.ExpectsContinue));
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("GET /", 400)]
    [InlineData("GET  / HTTP/1.1\r\nHost: x", 400)]
    [InlineData("G\u00c4T / HTTP/1.1\r\nHost: x", 400)]
    [InlineData("GET / HTTP/1.0\r\nHost: x", 505)]
    [InlineData("GET / HTTP/2\r\nHost: x", 505)]
    [InlineData("GET http://x/ HTTP/1.1\r\nHost: x", 400)]
    [InlineData("GET /\u0001 HTTP/1.1\r\nHost: x", 400)]
    [InlineData("GET / HTTP/1.1", 400)]
    [InlineData("GET / HTTP/1.1\nHost: x", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nHost: y", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost : x", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n folded: y", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: b\rc", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: \0", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\ncontent-length: 1", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked", 501)]
    public void What_could_be_understood_in_two_ways_is_refused(string text, int status) =>
        Assert.Equal(status, Assert.Throws<HttpProblemException>(() => Read(text)).Status);

    [Fact]
    public void Too_many_fields_are_refused() => Assert.Equal(431, Assert.Throws<HttpProblemException>(
        () => Read("GET / HTTP/1.1\r\nHost: x" + string.Concat(Enumerable.Range(0, 64).Select(number => $"\r\nA{number}: x")))).Status);

    [Fact]
    public void Damage_has_two_endings()
    {
        var random = new Random(5);
        var valid = Encoding.Latin1.GetBytes(Valid);
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = valid[..random.Next(valid.Length / 2, valid.Length + 1)];
            for (var change = random.Next(4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                var head = HttpHead.Read(bytes);
                Assert.StartsWith("/", head.Path);
                Assert.True(head.LengthBytes is null or >= 0);
                head.Cookie("firn-session");
            }
            catch (HttpProblemException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1000, 19_900);
    }
}
