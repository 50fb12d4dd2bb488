using System.Buffers.Binary;
using System.Text;
using Firn.Formats.Fat;
using Firn.Formats.Payloads;
using Firn.Formats.Trees;
using Firn.Linux.Compression;
using Firn.Linux.Memory;
using Firn.Tests.Formats;
using Firn.Tests.Formats.SquashFs;
using SquashImages = Firn.Tests.Formats.SquashFs.Images;

namespace Firn.Tests.Images.Deltas;

public sealed class PackTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 4)]
    [InlineData(5, 6)]
    [InlineData(7, 8)]
    public void A_pack_makes_one_tree_of_another_bit_for_bit(int oldSeed, int newSeed)
    {
        var old = SquashImages.Write(RandomTree.Make(oldSeed, 4096));
        var target = SquashImages.Write(RandomTree.Make(newSeed, 4096));
        var oldImage = Packs.Open(old);

        var pack = Packs.Build(oldImage, Packs.Open(target));

        var (image, fetched) = Packs.Apply(pack, oldImage.Index, old, target);
        Assert.Equal(target, image);
        Assert.Equal(0, fetched);
    }

    [Fact]
    public void A_pack_is_small_where_contents_are_alike_and_the_same_whatever_the_threads()
    {
        var (old, target) = TwoVersions();
        var (oldImage, newImage) = (Packs.Open(old), Packs.Open(target));

        var pack = Packs.Build(oldImage, newImage, threads: 1);

        Assert.Equal(pack, Packs.Build(oldImage, newImage, threads: 2));
        Assert.InRange(pack.Length, 1, newImage.Index.Match([new(oldImage.Index)]).Bytes(BlockOriginKind.Fetch) / 4);
        Packs.MakesAll(pack, oldImage.Index, old, target);
    }

    [Fact]
    public void The_plan_is_the_index_of_the_new_image_and_the_head_names_both()
    {
        var (old, target) = TwoVersions();
        var (oldImage, newImage) = (Packs.Open(old), Packs.Open(target));

        var pack = Packs.Build(oldImage, newImage);

        var head = PackHead.Read(pack);
        Assert.Equal(BlockHash.Of(oldImage.Index.ToBytes()), head.OldIndex);
        Assert.Equal(BlockHash.Of(newImage.Index.ToBytes()), head.NewIndex);
        Assert.Equal(newImage.Index.ToBytes(), PackPlan.Read(Packs.Frame(pack, head, 0), oldImage.Index).Index.ToBytes());
        for (var i = 0; i < head.Frames.Length; i++) Assert.Equal(head.Frames[i].Hash, BlockHash.Of(Packs.Frame(pack, head, i).Span));
    }

    [Fact]
    public void Damage_of_the_old_image_costs_blocks_and_never_makes_wrong_ones()
    {
        var (old, target) = TwoVersions();
        var oldImage = Packs.Open(old);
        var pack = Packs.Build(oldImage, Packs.Open(target));
        var head = PackHead.Read(pack);
        var plan = PackPlan.Read(Packs.Frame(pack, head, 0), oldImage.Index);

        Damage.Check(old, old.Length, (damaged, _) => AllMadeAreRight(head, plan, pack, oldImage.Index, damaged));
        Assert.True(AllMadeAreRight(head, plan, pack, oldImage.Index, []) > 0);    // nothing can be read
    }

    [Fact]
    public void A_damaged_pack_is_refused_or_costs_blocks_and_never_makes_wrong_ones()
    {
        var (old, target) = TwoVersions();
        var oldImage = Packs.Open(old);
        var pack = Packs.Build(oldImage, Packs.Open(target));

        Damage.IsSurvived(pack, damaged =>
        {
            var head = PackHead.Read(damaged);
            if (head.Frames[^1].Bytes.End > damaged.Length) return;
            var plan = PackPlan.Read(Packs.Frame(damaged, head, 0), oldImage.Index);
            AllMadeAreRight(head, plan, damaged, oldImage.Index, old);
        });
        Damage.TruncationIsSurvived(pack, damaged => PackHead.Read(damaged));
    }

    [Fact]
    public void A_frame_is_applied_in_buffers_that_are_there()
    {
        const int FewBytes = 100_000;
        var (old, target) = TwoVersions();
        var oldImage = Packs.Open(old);
        var pack = Packs.Build(oldImage, Packs.Open(target));
        var head = PackHead.Read(pack);
        using var reader = new PatchReader(head, PackPlan.Read(Packs.Frame(pack, head, 0), oldImage.Index), oldImage.Index, new Packs.OldBytes(old), Packs.Codecs, MappedMemory.Allocate);
        Apply();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Apply();

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, head.Frames.Length * FewBytes);

        void Apply()
        {
            for (var frame = 1; frame < head.Frames.Length; frame++)
                foreach (var made in reader.Apply(frame, Packs.Frame(pack, head, frame))) Assert.False(made.MustBeFetched);
        }
    }

    [Fact]
    public void An_unknown_encoder_costs_the_compressed_blocks()
    {
        var (old, target) = TwoVersions();
        var oldImage = Packs.Open(old);
        var pack = Packs.Build(oldImage, Packs.Open(target));

        var (image, fetched) = Packs.Apply(pack, oldImage.Index, old, target, Packs.Codecs with { FindEncoder = _ => null });

        Assert.Equal(target, image);
        Assert.True(fetched > 0);
    }

    [Fact]
    public void Files_packed_with_xz_are_patched_by_what_they_hold()
    {
        var text = Prose(40_000);
        var (oldText, newText) = (text, text[..20_000] + "here is something else" + text[20_000..]);
        var (old, target) = (Image("modules/1.0/a.ko.xz", Xz(oldText)), Image("modules/1.1/a.ko.xz", Xz(newText)));
        var (oldImage, newImage) = (Packs.Open(old), Packs.Open(target));

        var pack = Packs.Build(oldImage, newImage);

        Packs.MakesAll(pack, oldImage.Index, old, target);
        Assert.InRange(pack.Length, 1, Xz(newText).Length / 2);
        var (image, fetched) = Packs.Apply(pack, oldImage.Index, old, target, Packs.Codecs with { Pack = (_, _, _) => -1 });
        Assert.Equal(target, image);
        Assert.True(fetched > 0);
    }

    [Fact]
    public void A_kernel_in_a_boot_image_is_patched_by_what_it_holds()
    {
        var text = Prose(400_000);
        var (oldKernel, newKernel) = (Kernel(text), Kernel(text[..100_000] + "here is something else" + text[100_000..]));
        var (old, target) = (Boot(oldKernel), Boot(newKernel));
        var (oldImage, newImage) = (Packs.OpenBoot(old), Packs.OpenBoot(target));

        var pack = Packs.Build(oldImage, newImage);

        Packs.MakesAll(pack, oldImage.Index, old, target);
        Assert.InRange(pack.Length, 1, newKernel.Length / 20);
    }

    private static int AllMadeAreRight(PackHead head, PackPlan plan, byte[] pack, BlockIndex oldIndex, byte[] old)
    {
        using var reader = new PatchReader(head, plan, oldIndex, new Packs.OldBytes(old), Packs.Codecs, MappedMemory.Allocate);
        var fetched = 0;
        for (var frame = 1; frame < head.Frames.Length; frame++)
            foreach (var made in reader.Apply(frame, Packs.Frame(pack, head, frame)))
            {
                if (made.MustBeFetched) fetched++;
                else Assert.True(plan.Index.Blocks[made.Number].Matches(made.Stored.Span));
            }
        return fetched;
    }

    /// <summary>Programs that are mostly the same, at other places; texts; and what nothing is like.</summary>
    private static (byte[] Old, byte[] New) TwoVersions() => (Version(0), Version(1));

    private static byte[] Version(int version)
    {
        var tree = new FileTree();
        for (var i = 0; i < 12; i++)
        {
            var program = SquashImages.Noise(9000, seed: i);
            if (i % 3 == 0) program = [.. program[..(1000 + i * 10)], .. SquashImages.Noise(version * 37, seed: 100 + i), .. program[(1000 + i * 10)..]];
            tree.Put($"usr/lib/lib{i}-1.{version}.so", SquashImages.File(program));
            tree.Put($"etc/{i}.conf", SquashImages.File(Encoding.UTF8.GetBytes($"# settings\nnumber = {i}\nversion = {version}\n")));
        }
        tree.Put($"usr/share/new-{version}", SquashImages.File(SquashImages.Noise(500, seed: 500 + version)));
        return SquashImages.Write(tree);
    }

    private static byte[] Image(string path, byte[] content)
    {
        var tree = new FileTree();
        tree.Put(path, SquashImages.File(content));
        return SquashImages.Write(tree);
    }

    private static byte[] Boot(byte[] kernel)
    {
        var files = new FileTree();
        files.Put("vmlinuz", SquashImages.File(kernel));
        files.Put("initrd.img", SquashImages.File(SquashImages.Noise(100_000)));
        var image = new MemoryStream();
        FatWriter.Write(files, new(FatWriter.MinimumSizeBytes(files), "TEST", 1, 0, DateTimeOffset.UnixEpoch.AddYears(20)), image);
        return image.ToArray();
    }

    /// <summary>What of an x86 kernel says where its payload is, and the payload as its build packs it.</summary>
    private static byte[] Kernel(string text)
    {
        const ulong Lz4Level9 = 2 | 9 << 8;
        var packed = new byte[text.Length + 1000];
        var size = PackedFiles.Pack(Lz4Level9, Encoding.UTF8.GetBytes(text), packed);
        var kernel = new byte[1024 + 4 + 4 + size + 4];
        kernel[0x1f1] = 1;
        "HdrS"u8.CopyTo(kernel.AsSpan(0x202));
        BinaryPrimitives.WriteInt32LittleEndian(kernel.AsSpan(0x24c), kernel.Length - 1024);
        new byte[] { 0x02, 0x21, 0x4c, 0x18 }.CopyTo(kernel, 1024);
        BinaryPrimitives.WriteInt32LittleEndian(kernel.AsSpan(1028), size);
        packed.AsSpan(0, size).CopyTo(kernel.AsSpan(1032));
        BinaryPrimitives.WriteInt32LittleEndian(kernel.AsSpan(1032 + size), text.Length);
        return kernel;
    }

    /// <summary>As kernels pack their modules.</summary>
    private static byte[] Xz(string text)
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllText(Path.Combine(scratch.Path, "module"), text);
        return Encoding.Latin1.GetBytes(Shell.Run("xz --check=crc32 --lzma2=dict=1MiB -c module", scratch.Path));
    }

    /// <summary>Words that xz can do something with.</summary>
    private static string Prose(int length)
    {
        var random = new Random(1);
        var text = new StringBuilder();
        while (text.Length < length) text.Append(Convert.ToHexString(SquashImages.Noise(4, random.Next(400)))).Append(' ');
        return text.ToString();
    }
}
