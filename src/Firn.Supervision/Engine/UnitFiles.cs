using System.Globalization;
using Firn.Supervision.Homes;
using Firn.Supervision.States;

namespace Firn.Supervision.Engine;

/// <summary>A unit's directory of state: what has changed since it was last written, a word a file.</summary>
internal static class UnitFiles
{
    public static void Write(StateStore store, Unit unit)
    {
        var directory = store.Home.Unit(unit.Name);
        if ((int)unit.Written.Phase == -1) store.MakeDirectory(directory);
        var (status, written) = (unit.Status, unit.Written);
        if (unit.Job != unit.WrittenJob) store.Write($"{directory}/job", unit.WrittenJob = unit.Job);
        if (unit.Main != unit.WrittenMain)
            store.Write($"{directory}/main", (unit.WrittenMain = unit.Main).ToString(CultureInfo.InvariantCulture));
        if (unit.Restarts != unit.WrittenRestarts)
            store.Write($"{directory}/restarts", (unit.WrittenRestarts = unit.Restarts).ToString(CultureInfo.InvariantCulture));
        if (status.Goal != written.Goal) store.Write($"{directory}/goal", status.Goal == UnitGoal.Up ? "up" : "down");
        if (status.Reason != written.Reason || status.HasFailed != written.HasFailed)
            store.Write($"{directory}/reason", status.HasFailed ? $"failed {status.Reason.Name()}" : status.Reason.Name());
        if (status.Phase != written.Phase) store.Write($"{directory}/state", status.Phase.Name());
        unit.Written = status;
    }
}
