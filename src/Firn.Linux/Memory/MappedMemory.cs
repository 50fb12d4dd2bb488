using System.Buffers;
using Firn.Linux.Interop;

namespace Firn.Linux.Memory;

/// <summary>
/// Memory straight from the kernel, which has it back when it is disposed: for what is large and used for a while. The
/// collector would keep it for the next one. Zeros, which take no room before they are written; begins at a page. mmap(2).
/// </summary>
public sealed unsafe class MappedMemory : MemoryManager<byte>
{
    private readonly int _length;
    private nint _address;

    /// <param name="length">In bytes.</param>
    /// <exception cref="ErrnoException">There is not so much.</exception>
    public static IMemoryOwner<byte> Allocate(int length) => new MappedMemory(length);

    private MappedMemory(int length)
    {
        _length = length;
        if (length == 0) return;
        var address = Libc.Map(0, (nuint)length, Libc.ReadAndWrite, Libc.PrivateAnonymous, -1, 0);
        SystemCall.Check(address == -1 ? -1 : 0, "mmap", $"{length} bytes");
        _address = address;
    }

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_address == 0 && _length > 0, this);
        return new((void*)_address, _length);
    }

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)_address + elementIndex);

    public override void Unpin() { }

    protected override void Dispose(bool disposing)
    {
        var address = Interlocked.Exchange(ref _address, 0);
        if (address != 0) _ = Libc.Unmap(address, (nuint)_length);
    }
}
