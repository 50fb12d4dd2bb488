using Firn.Machine.Etc;
using Firn.Settings.Etc;
using Firn.Tests.Formats;

namespace Firn.Tests.Settings.Etc;

public sealed class EtcConflictsTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private string At(string name) => _scratch.File(name);

    private EtcConflictReport[] Conflicts() => [.. MachineEtc.Conflicts(At("conflicts.json"), At("b"))];

    [Fact]
    public void A_conflict_is_open_until_what_was_laid_beside_is_gone()
    {
        Shell.Run("mkdir old upper new; echo 1 > old/both; echo 2 > upper/both; echo 9 > new/both; echo 1 > old/gone; echo 2 > upper/gone", _scratch.Path);
        EtcCarry.Run(At("old"), At("upper"), At("new"), At("b"), At("conflicts.json"));

        Assert.Equal([("both", "both.firn-new", true), ("gone", null, true)], Conflicts().Select(one => (one.Path, one.NewVersion, one.IsOpen)));
        Assert.Equal("2\n9\n", Shell.Run("cat b/both b/both.firn-new", _scratch.Path));

        File.Delete(At("b/both.firn-new"));
        Assert.Equal([false, true], Conflicts().Select(one => one.IsOpen));
    }

    [Fact]
    public void Who_never_updated_has_none_and_a_damaged_list_is_named()
    {
        Assert.Empty(Conflicts());
        File.WriteAllText(At("conflicts.json"), "[{");
        Assert.Contains("conflicts.json", Assert.Throws<InvalidDataException>(Conflicts).Message);
    }
}
