using Firn.Formats.SquashFs;
using Firn.Formats.Trees;
using Firn.Linux.Compression;

namespace Firn.SystemTests;

/// <summary>Who is not root gets files of his own out of an image, and is told what he could not have.</summary>
public sealed class AnyoneExtractsImages : IDisposable
{
    private const int User = 2001;
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => HostTool.Run("rm", "-rf", _directory[""]);

    [Fact]
    public void Without_devices_set_id_bits_owners_and_attributes_of_root()
    {
        // given an image with all that is root's
        HostTool.RequireRoot();
        var tree = new FileTree();
        tree.Put("plain", new(FileKind.File) { Content = FileContent.Of("text"), Uid = 7, Gid = 8, ModifiedSeconds = 1_000_000_000 });
        tree.Put("plain-too", tree.Find("plain")!);
        tree.Put("su", new(FileKind.File) { Content = FileContent.Of("su"), Mode = 0x9ed, Attributes = [Attribute("security.capability", 1)] });
        tree.Put("noted", new(FileKind.File) { Mode = 0x124, Attributes = [Attribute("trusted.t", 1), Attribute("user.u", 2)] });
        tree.Put("closed/inside", new(FileKind.File) { Content = FileContent.Of("in"), Mode = 0 });
        tree.Find("closed")!.Mode = 0;
        tree.Put("null", new(FileKind.CharacterDevice) { Device = new(1, 3) });
        tree.Put("disk", new(FileKind.BlockDevice) { Device = new(8, 0) });
        tree.Put("fifo", new(FileKind.Fifo));
        tree.Put("socket", new(FileKind.Socket));
        tree.Put("link", new(FileKind.Symlink) { LinkTarget = "/etc/passwd" });
        using (var stream = File.Create(_directory["image"]))
            SquashFsWriter.Write(tree, stream, new() { Level = 1 }, () => new ZstdCompressor(1).Compress);
        HostTool.Run("chmod", "755", _directory[""]);
        Directory.CreateDirectory(_directory["home"]);
        HostTool.Run("chown", $"{User}:100", _directory["home"]);

        // when somebody takes it out
        var (code, error) = OtherUser.Run(User, "image", "unsquash", _directory["image"], "-d", _directory["home/out"]);

        // then he has what is his to have
        Assert.True(code == 0, error);
        const string list = "cd \"$0\" && find . -mindepth 1 -printf '%P %y %m %U %G %n %Ts %l\n' | grep -v '^closed d' | sort";
        Assert.Equal(
            """
            closed/inside f 0 2001 100 1 0 
            fifo p 644 2001 100 1 0 
            link l 777 2001 100 1 0 /etc/passwd
            noted f 444 2001 100 1 0 
            plain f 644 2001 100 2 1000000000 
            plain-too f 644 2001 100 2 1000000000 
            socket s 644 2001 100 1 0 
            su f 755 2001 100 1 0 

            """, HostTool.Run("env", "LC_ALL=C", "sh", "-c", list, _directory["home/out"]));
        Assert.Equal("0", HostTool.Run("stat", "-c", "%a", _directory["home/out/closed"]).Trim());
        Assert.Equal("in", File.ReadAllText(_directory["home/out/closed/inside"]));
        Assert.Contains("user.u", HostTool.Run("getfattr", "-d", "-m", "-", _directory["home/out/noted"]));

        // and knows what he has not
        Assert.Contains("warning: /disk and 1 others: left out: only root makes devices", error);
        Assert.Contains("warning: /su: attribute security.capability left out: only root sets it", error);
        Assert.Contains("warning: /noted: attribute trusted.t left out: only root sets it", error);
        Assert.Contains("warning: /su: set-id bits left out: only root keeps them", error);
    }

    [Fact]
    public void Where_he_may_not_write_he_is_told_where()
    {
        HostTool.RequireRoot();
        using (var stream = File.Create(_directory["image"]))
            SquashFsWriter.Write(new(), stream, new() { Level = 1 }, () => new ZstdCompressor(1).Compress);
        HostTool.Run("chmod", "755", _directory[""]);

        var (code, error) = OtherUser.Run(User, "image", "unsquash", _directory["image"], "-d", _directory["out"]);

        Assert.Equal(1, code);
        Assert.Contains($"{_directory["out"]}", error);
    }

    private static ExtendedAttribute Attribute(string name, params byte[] value) => new(name, [.. value]);
}
