using Firn.Formats.Boot;
using Firn.Formats.Grub;

namespace Firn.Tests.Formats.Boot;

public sealed class BootStateTests
{
    [Fact]
    public void A_trial_that_is_never_confirmed_leaves_the_confirmed_slot_alone()
    {
        var state = new BootState(Slot.A).TryNewInstall(Slot.B, tries: 2);
        Assert.Equal(Slot.B, state.Next);

        var over = state with { Trial = state.Trial! with { TriesLeft = 0 } };

        Assert.Equal(Slot.A, over.Next);
        Assert.Equal(Slot.A, over.Confirmed);
    }

    [Fact]
    public void Every_install_gets_a_number_that_no_slot_had_before()
    {
        var first = new BootState(Slot.A).TryNewInstall(Slot.B, 3).Confirm(Slot.B);
        var second = first.TryNewInstall(Slot.A, 3).Confirm(Slot.A);
        var third = second.TryNewInstall(Slot.B, 3);

        Assert.Equal((2, 3), (third.InstallA, third.InstallB));
    }

    [Fact]
    public void An_abandoned_trial_can_still_be_read_and_a_settled_one_is_forgotten()
    {
        var abandoned = new BootState(Slot.A).TryNewInstall(Slot.B, 3).Abandon();

        Assert.Equal(new Trial(Slot.B, 0), abandoned.Trial);
        Assert.Equal(Slot.A, abandoned.Next);
        Assert.Null(abandoned.Settle().Trial);
    }

    [Theory]
    [InlineData(Slot.A, null, 0)]
    [InlineData(Slot.B, Slot.A, 3)]
    [InlineData(Slot.A, Slot.Rescue, 1)]
    [InlineData(Slot.A, Slot.B, 0)]
    public void What_is_written_is_read_back(Slot confirmed, Slot? trial, int left)
    {
        var state = new BootState(confirmed, trial is { } slot ? new(slot, left) : null, 4, 7, LoadFailed: left == 0);
        var block = new byte[GrubEnvironment.Size];

        new GrubEnvironment(state.ToVariables()).WriteTo(block);

        Assert.Equal(state, BootState.FromVariables(GrubEnvironment.Read(block).Values));
    }

    [Theory]
    [InlineData("confirmed", "rescue")]
    [InlineData("confirmed", "c")]
    [InlineData("trial", "x")]
    [InlineData("left", "10")]
    [InlineData("left", "-1")]
    [InlineData("install_a", "99999999999")]
    [InlineData("end", "0")]
    public void A_value_that_cannot_be_is_refused_by_name(string name, string value)
    {
        var variables = new BootState(Slot.A).ToVariables().ToDictionary();
        variables[name] = value;

        var error = Assert.Throws<InvalidDataException>(() => BootState.FromVariables(variables));

        Assert.Contains(name == "end" ? "not written whole" : name, error.Message);
    }

    [Fact]
    public void A_missing_variable_is_refused_by_name()
    {
        foreach (var name in new BootState(Slot.A).ToVariables().Select(variable => variable.Key))
        {
            var variables = new BootState(Slot.A).ToVariables().ToDictionary();
            variables.Remove(name);
            Assert.Contains(name, Assert.Throws<InvalidDataException>(() => BootState.FromVariables(variables)).Message);
        }
    }
}
