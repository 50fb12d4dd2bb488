using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Firn.Images.VirtualMachines;

/// <summary>What became of a command: its exit code and, byte for byte, what it wrote to stdout and stderr.</summary>
public sealed record CommandResult(int ExitCode, string Output);

/// <summary>How far the answer to a <see cref="ShellCommand"/> has come.</summary>
internal abstract record ShellReply
{
    private ShellReply() { }

    /// <summary>No mark was seen yet.</summary>
    public sealed record Pending : ShellReply;

    /// <summary>The answer has begun.</summary>
    public sealed record Begun : ShellReply;

    /// <summary>The answer ended, but something else fell into it: let it be repeated.</summary>
    public sealed record Disturbed : ShellReply;

    /// <summary>The shell could not keep the output, or not digest it.</summary>
    public sealed record Unable(string Text) : ShellReply;

    public sealed record Complete(CommandResult Result) : ShellReply;

    /// <summary>Reads what a terminal printed since the command was typed, its own line ends included.</summary>
    public static ShellReply Read(ReadOnlySpan<byte> terminal, string nonce)
    {
        // One byte, one character: the digest is over bytes, and no byte gets lost this way.
        var text = Encoding.Latin1.GetString(terminal);
        var reply = ReadText(text, nonce);
        if (reply is Complete or Unable) return reply;
        var withoutKernel = ShellPatterns.KernelLine.Replace(text, "");
        return withoutKernel.Length < text.Length && ReadText(withoutKernel, nonce) is Complete whole ? whole : reply;
    }

    private static ShellReply ReadText(string text, string nonce)
    {
        var begin = text.IndexOf($"@{nonce}:b", StringComparison.Ordinal);
        var end = text.LastIndexOf($"@{nonce}:e:", StringComparison.Ordinal);
        if (end < 0) return begin < 0 ? new Pending() : new Begun();

        var trailer = ShellPatterns.Trailer.Match(text, end + nonce.Length + 4);
        if (!trailer.Success) return text.IndexOf('\n', end) < 0 ? new Begun() : new Disturbed();
        var bodyStart = begin < 0 ? -1 : text.IndexOf('\n', begin) + 1;
        if (bodyStart <= 0 || bodyStart > end) return new Disturbed();

        var exitCode = trailer.Groups["code"].ValueSpan;
        if (exitCode.Length > 3) return new Disturbed();
        var body = text[bodyStart..end];
        if (!trailer.Groups["digest"].Success) return new Unable(body.Replace("\r\n", "\n"));

        // The terminal makes each line feed a return and a line feed, unless it was told not to.
        foreach (var candidate in (string[])[body.Replace("\r\n", "\n"), body])
        {
            var bytes = Encoding.Latin1.GetBytes(candidate);
            // md5sum is in coreutils, BusyBox and Toybox alike; this is about accidents, not attacks.
            if (Convert.ToHexStringLower(MD5.HashData(bytes)) == trailer.Groups["digest"].Value)
                return new Complete(new(int.Parse(exitCode, System.Globalization.CultureInfo.InvariantCulture), Encoding.UTF8.GetString(bytes)));
        }
        return new Disturbed();
    }
}

internal static partial class ShellPatterns
{
    /// <summary>A message of the kernel with its time, from where it begins to the end of its line.</summary>
    [GeneratedRegex(@"\[ *\d+\.\d{6}\](\[[^\]\n]*\])? [^\n]*\n", RegexOptions.CultureInvariant)]
    public static partial Regex KernelLine { get; }

    [GeneratedRegex(@"\G(?<code>\d+):((?<digest>[0-9a-f]{32}) +-)?\r*\n", RegexOptions.CultureInvariant)]
    public static partial Regex Trailer { get; }
}
