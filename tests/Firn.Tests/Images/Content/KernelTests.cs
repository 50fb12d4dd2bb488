using Firn.Formats.Trees;
using Firn.Images.Content;

namespace Firn.Tests.Images.Content;

public sealed class KernelTests
{
    private static FileTree TreeWith(params string[] paths)
    {
        var tree = new FileTree();
        foreach (var path in paths) tree.Put(path, new(FileKind.File));
        return tree;
    }

    [Fact]
    public void The_newest_kernel_that_has_its_modules_is_taken()
    {
        var tree = TreeWith(
            "usr/lib/modules/6.1.0-9-amd64/modules.dep", "usr/lib/modules/6.1.0-50-amd64/modules.dep",
            "boot/vmlinuz-6.1.0-9-amd64", "boot/vmlinuz-6.1.0-50-amd64", "boot/vmlinuz-6.12.0-1-amd64");

        Assert.Equal("6.1.0-50-amd64", Kernel.Find(tree).Release);
        Assert.Equal("6.1.0-9-amd64", Kernel.Find(tree, "6.1.0-9-amd64").Release);
    }

    [Fact]
    public void A_missing_kernel_is_said_with_what_would_help()
    {
        Assert.Contains("kernel package", Assert.Throws<InvalidDataException>(() => Kernel.Find(new())).Message);
        Assert.Contains("boot/vmlinuz-", Assert.Throws<InvalidDataException>(
            () => Kernel.Find(TreeWith("usr/lib/modules/6.1/modules.dep"))).Message);
        Assert.Contains("6.1", Assert.Throws<InvalidDataException>(
            () => Kernel.Find(TreeWith("usr/lib/modules/6.1/modules.dep", "boot/vmlinuz-6.1"), "7.0")).Message);
    }
}
