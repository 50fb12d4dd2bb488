using Firn.Formats.KernelModules;
using Firn.Tests.Formats.Elf;

namespace Firn.Tests.Formats.KernelModules;

public sealed class ModuleInfoTests
{
    private static readonly byte[] Module = SmallElf.WithSection(
        ".modinfo", "license=GPL\0\0firmware=a/one.bin\0depends=\0firmware=two.fw\0parm=x:a=b\0stray\0");

    [Fact]
    public void A_module_says_which_firmware_it_may_load()
    {
        var info = ModuleInfo.Read(Module);

        Assert.Equal(["a/one.bin", "two.fw"], info.Firmware);
        Assert.Equal(["x:a=b"], info.All("parm"));
        Assert.Equal([""], info.All("depends"));
        Assert.Equal(5, info.Entries.Length);
    }

    [Fact]
    public void What_is_no_module_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => ModuleInfo.Read("not ELF"u8));
        Assert.Throws<InvalidDataException>(() => ModuleInfo.Read(SmallElf.Dynamic(null)));
        Assert.Contains("no section .modinfo",
            Assert.Throws<InvalidDataException>(() => ModuleInfo.Read(SmallElf.WithSection(".text", "x"))).Message);
    }

    [Fact]
    public void Damage_and_truncation_end_in_a_value_or_an_error()
    {
        Damage.IsSurvived(Module, bytes => ModuleInfo.Read(bytes));
        Damage.TruncationIsSurvived(Module, bytes => ModuleInfo.Read(bytes));
    }
}
