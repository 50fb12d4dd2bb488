using Firn.Supervision.Units;

namespace Firn.Tests.Supervision.Units;

public sealed class CommandWordsTests
{
    /// <summary>The shell judges.</summary>
    [Theory]
    [InlineData("""/bin/x 'two words' "in \"quotes\"" plain""")]
    [InlineData("""sh -c "printf 'a\n'" back\\slash "back\\slash" 'back\slash' spa\ ce""")]
    [InlineData("""a"b"'c' "" '' "it's" 'a "b" c' "\$HOME \`x\`" """)]
    public void Quotes_and_backslashes_mean_what_they_mean_to_a_shell(string text)
    {
        var words = CommandWords.Split(text)!;

        Assert.Equal(Shell.Run($"/usr/bin/printf '[%s]\\n' {text}", "/").TrimEnd(), string.Join('\n', words.Select(word => $"[{word}]")));
        Assert.Equal(words, CommandWords.Split(CommandWords.Join(words)));
    }

    [Fact]
    public void A_quote_that_is_not_closed_is_no_command() => Assert.Null(CommandWords.Split("a 'b"));
}
