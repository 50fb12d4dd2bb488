using System.Text;
using Firn.Machine.Etc;

namespace Firn.Tests.Machine.Etc;

public sealed class AccountFileTests
{
    [Theory]
    // a user of this machine, one of the image
    [InlineData("passwd", "r:x:0:0::/:/s", "r:x:0:0::/:/s|al:x:1000:1::/:/s", "r:x:0:0::/:/s|db:x:105:1::/:/s", "r:x:0:0::/:/s|db:x:105:1::/:/s|al:x:1000:1::/:/s")]
    // a password set here, another field changed there
    [InlineData("shadow", "r:*:1:0:9:7:::", "r:$y$hash:2:0:9:7:::", "r:*:1:0:99:7:::", "r:$y$hash:2:0:99:7:::")]
    // members come together, and who was taken out stays out
    [InlineData("group", "w:x:27:|v:x:44:bob,eve", "w:x:27:al|v:x:44:bob", "w:x:27:web|v:x:44:bob,eve,web", "w:x:27:web,al|v:x:44:bob,web")]
    [InlineData("gshadow", "w:!::", "w:!:al:al", "w:!:adm:", "w:!:adm,al:al")]
    // gone from the image, unchanged here
    [InlineData("group", "w:x:27:|v:x:44:", "w:x:27:|v:x:44:|me:x:1000:", "w:x:27:", "w:x:27:|me:x:1000:")]
    // deleted here, unchanged there
    [InlineData("passwd", "r:x:0:0::/:/s|g:x:5:5::/:/s", "r:x:0:0::/:/s", "r:x:0:0::/:/s|g:x:5:5::/:/s|n:x:6:6::/:/s", "r:x:0:0::/:/s|n:x:6:6::/:/s")]
    [InlineData("subuid", "", "al:100000:65536", "ci:100000:65536", "ci:100000:65536|al:100000:65536")]
    public void Entries_and_fields_come_from_whoever_changed_them(string file, string old, string local, string next, string expected)
    {
        var (content, conflicts) = Merge(file, old, local, next);

        Assert.Equal(expected, content);
        Assert.Empty(conflicts);
    }

    [Theory]
    [InlineData("passwd", "r:x:0:0::/:/s", "r:x:0:0::/:/bash", "r:x:0:0::/:/zsh", "r:x:0:0::/:/bash", "field 7")]
    [InlineData("passwd", "", "al:x:1000:1::/:/s", "al:x:999:1::/:/s", "al:x:1000:1::/:/s", "field 3")]
    [InlineData("passwd", "g:x:5:5::/:/s", "", "g:x:6:5::/:/s", "", "deleted here")]
    [InlineData("passwd", "g:x:5:5::/:/s", "g:x:5:5::/:/z", "", "g:x:5:5::/:/z", "changed here")]
    [InlineData("subuid", "al:1:1", "al:1:1|al:2:2", "al:3:3", "al:1:1|al:2:2", "al: changed")]
    [InlineData("shadow", "r:*:1", "r:x:1", "r:*:1:2", "r:x:1", "number of fields")]
    [InlineData("passwd", "", "al:x:1000:1::/:/s", "web:x:1000:1::/:/s", "web:x:1000:1::/:/s|al:x:1000:1::/:/s", "same number 1000")]
    [InlineData("group", "", "al:x:1000:", "web:x:1000:", "web:x:1000:|al:x:1000:", "same number 1000")]
    public void What_both_changed_stays_as_on_the_machine_and_is_said(
        string file, string old, string local, string next, string expected, string conflict)
    {
        var (content, conflicts) = Merge(file, old, local, next);

        Assert.Equal(expected, content);
        Assert.Contains(conflict, Assert.Single(conflicts));
    }

    [Fact]
    public void Numbers_that_the_image_itself_uses_twice_are_its_own_business() =>
        Assert.Empty(Merge("passwd", "", "al:x:5:5::/:/s", "r:x:0:0::/:/s|toor:x:0:0::/:/s").Conflicts);

    [Fact]
    public void Bytes_that_are_no_text_survive()
    {
        byte[] local = [.. "al:x:1:1:"u8, 0xff, 0xfe, .. ":/:/s\n"u8];

        Assert.Equal(local, AccountFile.Of("passwd")!.Merge([], local, []).Content);
    }

    private static (string Content, IReadOnlyList<string> Conflicts) Merge(string file, string old, string local, string next)
    {
        var (content, conflicts) = AccountFile.Of(file)!.Merge(Lines(old), Lines(local), Lines(next));
        return (Encoding.UTF8.GetString(content).TrimEnd('\n').Replace('\n', '|'), conflicts);

        static byte[] Lines(string text) => Encoding.UTF8.GetBytes(text.Length == 0 ? "" : text.Replace('|', '\n') + "\n");
    }
}
