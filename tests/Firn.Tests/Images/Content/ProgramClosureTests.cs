using Firn.Formats.Elf;
using Firn.Formats.Trees;
using Firn.Images.Content;

namespace Firn.Tests.Images.Content;

public sealed class ProgramClosureTests
{
    private const string Program = "bin/tool";
    private static readonly byte[] Bytes = File.ReadAllBytes("/usr/bin/chattr");    // e2fsprogs: a program with a library that needs another

    [Fact]
    public void A_program_comes_with_its_loader_and_its_libraries_and_theirs()
    {
        var root = Root();

        var found = ProgramClosure.Of(root, Program, "test", "its-package").ToDictionary(entry => entry.Path, entry => entry.File);

        Assert.Contains("lib64/ld-linux-x86-64.so.2", found.Keys);
        Assert.Contains("lib/x86_64-linux-gnu/libc.so.6", found.Keys);
        Assert.All(ElfDynamic.Read(Bytes)!.Needed, library => Assert.Contains($"lib/x86_64-linux-gnu/{library}", found.Keys));
        Assert.All(found.Values, file => Assert.Equal(FileKind.File, file.Kind));
        Assert.Equal(Bytes, found[Program].Content.ReadAll());
    }

    [Fact]
    public void A_program_that_is_missing_is_told_with_its_package()
    {
        var error = Assert.Throws<InvalidDataException>(() => ProgramClosure.Of(new(), Program, "test", "its-package"));

        Assert.Equal("test: the root filesystem has no /bin/tool; add the package its-package", error.Message);
    }

    [Fact]
    public void So_is_a_library()
    {
        var root = Root();
        root.Remove("usr/lib/x86_64-linux-gnu/libc.so.6");

        var error = Assert.Throws<InvalidDataException>(() => ProgramClosure.Of(root, Program, "test", "its-package"));

        Assert.Contains("needs /usr/lib/libc.so.6, which is not there", error.Message);
    }

    /// <summary>With all libraries of this machine that programs of e2fsprogs load.</summary>
    private static FileTree Root()
    {
        var root = new FileTree();
        root.Put("lib64", new(FileKind.Symlink) { LinkTarget = "usr/lib64" });
        root.Put("lib", new(FileKind.Symlink) { LinkTarget = "usr/lib" });
        Put(Program, Bytes);
        Put("usr/lib64/ld-linux-x86-64.so.2", File.ReadAllBytes("/lib64/ld-linux-x86-64.so.2"));
        foreach (var name in new[] { "libc.so.6", "libe2p.so.2", "libcom_err.so.2" })
            Put($"usr/lib/x86_64-linux-gnu/{name}", File.ReadAllBytes($"/usr/lib/x86_64-linux-gnu/{name}"));
        return root;

        void Put(string path, byte[] bytes) => root.Put(path, new(FileKind.File) { Content = FileContent.Of(bytes) });
    }
}
