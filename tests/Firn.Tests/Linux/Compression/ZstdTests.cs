using System.Diagnostics;
using System.Text;
using Firn.Linux.Compression;

namespace Firn.Tests.Linux.Compression;

public sealed class ZstdTests
{
    private static readonly byte[] Text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("the quick brown fox\n", 40_000)));

    [Fact]
    public void The_library_tells_its_version() => Assert.Matches(@"^1\.\d+\.\d+$", Zstd.Version);

    [Theory]
    [InlineData(-5), InlineData(1), InlineData(9), InlineData(19)]
    public void A_block_comes_back_as_it_went(int level)
    {
        using var compressor = new ZstdCompressor(level);
        using var decompressor = new ZstdDecompressor();
        var (compressed, plain) = (new byte[Text.Length], new byte[Text.Length]);

        var size = compressor.Compress(Text, compressed);

        Assert.InRange(size, 1, Text.Length / 10);
        Assert.Equal(Text.Length, decompressor.Decompress(compressed.AsSpan(0, size), plain));
        Assert.Equal(Text, plain);
    }

    [Fact]
    public void A_block_that_does_not_shrink_is_answered_with_zero()
    {
        using var compressor = new ZstdCompressor(3);
        var noise = new byte[4096];
        new Random(1).NextBytes(noise);

        Assert.Equal(0, compressor.Compress(noise, new byte[noise.Length - 1]));
        Assert.NotEqual(0, compressor.Compress(Text, new byte[Text.Length]));    // the context is good for more
    }

    [Fact]
    public void Bytes_that_are_not_zstd_or_more_than_expected_are_invalid_data()
    {
        using var compressor = new ZstdCompressor(3);
        using var decompressor = new ZstdDecompressor();
        var compressed = new byte[Text.Length];
        var size = compressor.Compress(Text, compressed);

        Assert.Throws<InvalidDataException>(() => decompressor.Decompress("hello, world"u8, new byte[100]));
        Assert.Throws<InvalidDataException>(() => decompressor.Decompress(compressed.AsSpan(0, size), new byte[Text.Length - 1]));
        Assert.Throws<InvalidDataException>(() => decompressor.Decompress(compressed.AsSpan(0, size - 1), new byte[Text.Length]));
    }

    [Fact]
    public void A_level_zstd_does_not_have_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ZstdCompressor(Zstd.MaximumLevel + 1));

    [Theory]
    [InlineData(0), InlineData(2)]
    public void The_zstd_tool_reads_what_the_stream_writes(int workers)
    {
        var compressed = CompressToFrame(Text, workers);

        Assert.Equal(Text, Pipe("zstd", "-dc", compressed));
    }

    [Fact]
    public void The_number_of_workers_does_not_change_the_result() =>
        Assert.Equal(CompressToFrame(Text, workers: 1), CompressToFrame(Text, workers: 3));

    [Fact]
    public void The_stream_reads_what_the_zstd_tool_writes_and_frames_in_a_row()
    {
        byte[] frames = [.. Pipe("zstd", "-c -19", Text), .. CompressToFrame("and one more"u8.ToArray(), workers: 0)];

        Assert.Equal([.. Text, .. "and one more"u8], DecompressAll(frames));
    }

    [Fact]
    public void Every_truncation_is_invalid_data()
    {
        var noise = new byte[300];
        new Random(1).NextBytes(noise);
        var compressed = CompressToFrame(noise, workers: 0);

        for (var length = 0; length < compressed.Length; length++)
            Assert.Throws<InvalidDataException>(() => DecompressAll(compressed[..length]));
        Assert.Throws<InvalidDataException>(() => DecompressAll([.. compressed, 1, 2, 3, 4, 5]));
    }

    [Fact]
    public void The_destination_stays_open_when_asked()
    {
        var destination = new MemoryStream();
        using (var stream = new ZstdCompressStream(destination, 3, leaveOpen: true))
        {
            stream.Write("some"u8);
            stream.Flush();
            Assert.NotEqual(0, destination.Length);
        }

        Assert.True(destination.CanWrite);
        Assert.Equal("some"u8, DecompressAll(destination.ToArray()));
    }

    private static byte[] CompressToFrame(byte[] plain, int workers)
    {
        var destination = new MemoryStream();
        using (var stream = new ZstdCompressStream(destination, 3, workers))
            stream.Write(plain);
        return destination.ToArray();
    }

    private static byte[] DecompressAll(byte[] compressed)
    {
        var plain = new MemoryStream();
        using var stream = new ZstdDecompressStream(new MemoryStream(compressed));
        stream.CopyTo(plain, 1000);
        return plain.ToArray();
    }

    private static byte[] Pipe(string tool, string arguments, byte[] input)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments)
        { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        reading.Wait(TestContext.Current.CancellationToken);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }
}
