using System.Collections.Immutable;
using System.Text;

namespace Firn.Formats.Grub;

/// <summary>
/// GRUB's saved variables: a signature line, lines of <c>name=value</c>, then <c>#</c> to the end; a backslash makes the
/// next byte of a value plain. GRUB rewrites the block in place at boot, so its size must never change. GRUB manual,
/// "The GRUB environment block".
/// </summary>
public sealed class GrubEnvironment
{
    public const int Size = 1024;

    /// <summary>All that ever differs lies in the first sector: a disk writes that whole or not at all.</summary>
    public const int UsedBytes = 512;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private static ReadOnlySpan<byte> Signature => "# GRUB Environment Block\n"u8;

    /// <param name="variables">In the order they are written. Of two with the same name the last counts.</param>
    /// <exception cref="ArgumentException">A name GRUB would not read back, or a zero in a value.</exception>
    public GrubEnvironment(IEnumerable<KeyValuePair<string, string>> variables)
    {
        var ordered = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in variables)
        {
            if (Problem(name, value) is { } problem) throw new ArgumentException(problem, nameof(variables));
            ordered[name] = value;
        }
        Variables = [.. ordered];
        Values = ordered;
    }

    public ImmutableArray<KeyValuePair<string, string>> Variables { get; }

    /// <summary>The same variables by name.</summary>
    public IReadOnlyDictionary<string, string> Values { get; }

    /// <exception cref="InvalidDataException">Not 1024 bytes, no signature, or a line that is not a variable.</exception>
    public static GrubEnvironment Read(ReadOnlySpan<byte> block)
    {
        if (block.Length != Size)
            throw new InvalidDataException($"GRUB environment block has {block.Length} bytes, expected {Size}");
        if (!block.StartsWith(Signature))
            throw new InvalidDataException("GRUB environment block does not start with its signature line");

        var variables = new List<KeyValuePair<string, string>>();
        for (var offset = Signature.Length; offset < block.Length;)
        {
            var rest = block[offset..];
            var length = rest[0] == '#' ? SkipComment(rest) : ReadVariable(rest, offset, variables);
            offset += length;
        }
        return new(variables);
    }

    /// <summary>Fills a block, the same bytes for the same variables.</summary>
    /// <param name="block">1024 bytes.</param>
    /// <exception cref="InvalidOperationException">The variables need more than the first 512 bytes.</exception>
    public void WriteTo(Span<byte> block)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(block.Length, Size);
        var text = new StringBuilder();
        foreach (var (name, value) in Variables)
            text.Append(name).Append('=').Append(value.Replace("\\", "\\\\").Replace("\n", "\\\n")).Append('\n');
        var lines = StrictUtf8.GetBytes(text.ToString());
        if (Signature.Length + lines.Length > UsedBytes)
            throw new InvalidOperationException(
                $"GRUB environment needs {Signature.Length + lines.Length} bytes, only {UsedBytes} are written at once");
        block.Fill((byte)'#');
        Signature.CopyTo(block);
        lines.CopyTo(block[Signature.Length..]);
    }

    public byte[] ToBytes()
    {
        var block = new byte[Size];
        WriteTo(block);
        return block;
    }

    /// <summary>The padding is a comment that no line end follows.</summary>
    private static int SkipComment(ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        return end < 0 ? rest.Length : end + 1;
    }

    private static int ReadVariable(ReadOnlySpan<byte> rest, int offset, List<KeyValuePair<string, string>> variables)
    {
        var equals = rest.IndexOfAny((byte)'=', (byte)'\n');
        if (equals < 0 || rest[equals] != '=')
            throw new InvalidDataException($"GRUB environment block: no variable at offset {offset}");
        var value = new List<byte>();
        var end = equals + 1;
        for (; end < rest.Length && rest[end] != '\n'; end++)
        {
            if (rest[end] == '\\' && ++end == rest.Length) break;
            value.Add(rest[end]);
        }
        if (end >= rest.Length)
            throw new InvalidDataException($"GRUB environment block: the variable at offset {offset} does not end");

        try
        {
            var variable = KeyValuePair.Create(
                StrictUtf8.GetString(rest[..equals]), StrictUtf8.GetString([.. value]));
            if (Problem(variable.Key, variable.Value) is { } problem)
                throw new InvalidDataException($"GRUB environment block, offset {offset}: {problem}");
            variables.Add(variable);
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException($"GRUB environment block: the variable at offset {offset} is not UTF-8");
        }
        return end + 1;
    }

    private static string? Problem(string name, string value) =>
        name.Length == 0 || name[0] == '#' || name.Any(c => c is <= ' ' or > '~' or '=' or '\\')
            ? $"'{name}' is not a name of a GRUB variable"
            : value.Contains('\0') ? $"the value of {name} contains a zero character" : null;
}
