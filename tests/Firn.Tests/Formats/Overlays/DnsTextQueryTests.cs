using System.Text;
using Firn.Formats.Overlays;

namespace Firn.Tests.Formats.Overlays;

public sealed class DnsTextQueryTests
{
    private static readonly byte[] Question = DnsTextQuery.Question("ovl.example.org", 0x1234);

    /// <summary>An answer as a server would write it, with the name by reference.</summary>
    internal static byte[] Answer(byte[] question, params string[] texts)
    {
        var message = new List<byte>(question);
        (message[2], message[3], message[6], message[7]) = (0x81, 0x80, (byte)(texts.Length >> 8), (byte)texts.Length);
        foreach (var text in texts)
        {
            var strings = text.Chunk(200).SelectMany(part => (byte[])[(byte)part.Length, .. Encoding.ASCII.GetBytes(part)]).ToArray();
            message.AddRange([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, (byte)(strings.Length >> 8), (byte)strings.Length, .. strings]);
        }
        return [.. message];
    }

    private static string[] Parts(byte[] file, int count)
    {
        var text = Convert.ToBase64String(file);
        var size = (text.Length + count - 1) / count;
        return [.. Enumerable.Range(0, count).Select(i => $"firnovl={i + 1}/{count}:{text[(i * size)..Math.Min(text.Length, (i + 1) * size)]}")];
    }

    [Fact]
    public void A_file_comes_back_from_its_parts_in_any_order()
    {
        var file = Encoding.ASCII.GetBytes(new string('x', 2000) + "end");

        var answer = Answer(Question, ["v=spf1 -all", .. Parts(file, 3).Reverse()]);

        Assert.True(DnsTextQuery.Answers(answer, Question));
        Assert.Equal(file, DnsTextQuery.Assemble(DnsTextQuery.Texts(answer, Question)));
    }

    [Fact]
    public void A_missing_part_is_named() =>
        Assert.Contains("part 2 of 3 is missing", Assert.Throws<InvalidDataException>(() => DnsTextQuery.Assemble(Parts(new byte[90], 3).Where((_, i) => i != 1))).Message);

    [Fact]
    public void Damage_is_survived() => Damage.IsSurvived(Answer(Question, Parts(new byte[300], 2)), bytes =>
    {
        try
        {
            if (DnsTextQuery.Answers(bytes, Question)) DnsTextQuery.Assemble(DnsTextQuery.Texts(bytes, Question));
        }
        catch (FileNotFoundException)
        {
            // an answer that knows no such record
        }
    });

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("größe.example")]
    public void What_is_no_name_is_refused(string name) => Assert.Throws<InvalidDataException>(() => DnsTextQuery.Question(name, 1));
}
