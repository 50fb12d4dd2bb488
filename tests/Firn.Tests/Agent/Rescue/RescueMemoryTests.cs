using Firn.Agent.Rescue;
using Firn.Tests.Formats;

namespace Firn.Tests.Agent.Rescue;

public sealed class RescueMemoryTests
{
    private static readonly DateTimeOffset Noon = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_does_not_help_waits_twice_as_long_each_time_and_a_day_at_most()
    {
        var (memory, now) = (RescueMemory.None, Noon);
        foreach (var minutes in new[] { 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440 })
        {
            Assert.True(memory.IsDue("box", now));
            memory = memory.Begun("box", "box.firn on sda1", now, 0.5);
            Assert.False(memory.IsDue("box", now + TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1)));
            Assert.True(memory.IsDue("another", now));
            now += TimeSpan.FromMinutes(minutes);
        }
        Assert.Equal(10, memory.Find("box")!.Count);
    }

    [Fact]
    public void A_clock_that_was_set_back_puts_nothing_off_for_long()
    {
        var memory = RescueMemory.None.Begun("box", "box", Noon, 0.99);
        Assert.True(memory.IsDue("box", Noon.AddYears(-1)));
    }

    [Fact]
    public void What_was_tried_before_the_machine_was_well_is_forgotten()
    {
        var memory = RescueMemory.None.Begun("old", "old", Noon, 0.5).Begun("new", "new", Noon.AddHours(2), 0.5);
        Assert.Equal(["new"], memory.Since(Noon.AddHours(1)).Attempts.Select(one => one.Key));
        Assert.Equal(2, memory.Since(null).Attempts.Length);
    }

    [Fact]
    public void It_is_read_as_it_was_kept_and_a_damaged_one_counts_as_none()
    {
        using var scratch = new ScratchDirectory();
        var memory = RescueMemory.None.Begun("box", "box on sda1", Noon, 0.25).Failed("box", "not signed").Failed("unknown", "no");
        var file = scratch.File("memory.json");
        File.WriteAllBytes(file, memory.ToJson());
        Assert.Equal(memory.Attempts, RescueMemory.Read(file).Attempts);

        foreach (var text in new[] { "", "{", "[]", "null", "{}", "{\"attempts\":null}", "{\"attempts\":[{\"key\":1}]}" })
        {
            File.WriteAllText(file, text);
            Assert.Empty(RescueMemory.Read(file).Attempts);
        }
        Assert.Empty(RescueMemory.Read(scratch.File("none.json")).Attempts);
    }

    [Fact]
    public void It_does_not_grow_without_end()
    {
        var memory = RescueMemory.None;
        for (var i = 0; i < 200; i++) memory = memory.Begun($"{i}", "", Noon, 0);
        Assert.Equal(50, memory.Attempts.Length);
        Assert.NotNull(memory.Find("199"));
    }
}
