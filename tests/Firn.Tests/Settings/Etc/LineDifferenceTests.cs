using System.Text;
using Firn.Settings.Etc;
using Firn.Tests.Formats;

namespace Firn.Tests.Settings.Etc;

public sealed class LineDifferenceTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void What_changed_is_shown_with_the_lines_around_it()
    {
        var old = string.Concat(Enumerable.Range(1, 20).Select(number => $"{number}\n"));
        Assert.Equal(
            ["--- image/x", "+++ machine/x", "@@ -7,7 +7,7 @@", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13"],
            Difference(old, old.Replace("10\n", "ten\n")));
        Assert.Equal(["--- image/x", "+++ machine/x", "@@ -1,1 +1,1 @@", "-a", "+a\n\\ No newline at end of file"], Difference("a\n", "a"));
        Assert.Equal(["Binary files image/x and machine/x differ"], Difference("a", "\0"));
        Assert.Empty(Difference("a", "a"));
    }

    [Fact]
    public void Patch_makes_the_new_text_of_the_old_one()
    {
        var random = new Random(7);
        for (var round = 0; round < 40; round++)
        {
            var old = Text(random, round);
            var next = round % 8 == 0 ? Text(random, round) : Changed(random, old);
            if (old == next) continue;
            _scratch.Write("x", Encoding.UTF8.GetBytes(old));
            _scratch.Write("x.diff", Encoding.UTF8.GetBytes(string.Join('\n', Difference(old, next)) + "\n"));
            Shell.Run("patch --silent x x.diff", _scratch.Path);
            Assert.Equal(next, File.Exists(_scratch.File("x")) ? File.ReadAllText(_scratch.File("x")) : "");
        }
    }

    private static IEnumerable<string> Difference(string old, string next) =>
        LineDifference.Unified("image/x", "machine/x", Encoding.UTF8.GetBytes(old), Encoding.UTF8.GetBytes(next));

    private static string Text(Random random, int lines) =>
        string.Concat(Enumerable.Range(0, lines * 3).Select(_ => $"{(char)('a' + random.Next(4))}\n")) + (random.Next(2) == 0 ? "" : "end");

    private static string Changed(Random random, string text) =>
        string.Concat(text.Split('\n').Select(line => random.Next(9) switch { 0 => "", 1 => $"{line}\nnew\n", _ => line + "\n" }))[..^1];
}
