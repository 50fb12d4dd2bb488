using System.Runtime.InteropServices;

namespace Firn.Machine.Updates;

/// <summary>
/// A quick sum of bytes that come in pieces, for the question whether a medium gives back what it was given. Fletcher's, of
/// 64-bit words: a tenth of what a hash costs, and no proof against anybody who wants another answer.
/// </summary>
internal sealed class WordSum
{
    private const int WordBytes = sizeof(ulong);
    private ulong _sum, _sums;

    /// <param name="piece">All but the last have whole words.</param>
    public void Add(ReadOnlySpan<byte> piece)
    {
        var (sum, sums) = (_sum, _sums);
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(piece)) sums += sum += word;
        foreach (var value in piece[(piece.Length & -WordBytes)..]) sums += sum += value;
        (_sum, _sums) = (sum, sums);
    }

    public bool IsSameAs(WordSum other) => _sum == other._sum && _sums == other._sums;
}
