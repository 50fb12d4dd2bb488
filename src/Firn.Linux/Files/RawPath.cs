using System.Text;

namespace Firn.Linux.Files;

/// <summary>A path as the kernel has it: bytes, not necessarily UTF-8.</summary>
public readonly struct RawPath
{
    private readonly byte[] _terminated;

    private RawPath(byte[] terminated) => _terminated = terminated;

    /// <exception cref="ArgumentException">The path is empty or holds a zero byte.</exception>
    public static RawPath From(string path) => From(Encoding.UTF8.GetBytes(path));

    /// <inheritdoc cref="From(string)"/>
    public static RawPath From(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty || path.Contains((byte)0)) throw new ArgumentException("empty path, or a zero byte in it");
        return new([.. path, 0]);
    }

    /// <summary>The path of a name in this directory.</summary>
    public RawPath Combine(ReadOnlySpan<byte> name) => From([.. _terminated.AsSpan(0, _terminated.Length - 1), (byte)'/', .. name]);

    internal byte[] Terminated => _terminated;

    public override string ToString() => Encoding.UTF8.GetString(_terminated.AsSpan(0, _terminated.Length - 1));
}
