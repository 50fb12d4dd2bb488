using System.Text.Json;
using Firn.Supervision.Engine;
using Firn.Supervision.States;

namespace Firn.Supervision.Control;

/// <summary>Lines of JSON that a manager answers with.</summary>
public static class ControlReply
{
    /// <summary>The last line of an answer.</summary>
    /// <param name="exit">What a client ends with.</param>
    public static byte[] End(int exit, string message) => Line(json =>
    {
        json.WriteNumber("exit", exit);
        if (message.Length > 0) json.WriteString("message", message);
    });

    public static byte[] Text(string text) => Line(json => json.WriteString("text", text));

    /// <summary>A unit has moved on.</summary>
    internal static byte[] Progress(Unit unit) => Line(json =>
    {
        json.WriteString("progress", unit.Name);
        json.WriteString("state", unit.Phase.Name());
        if (unit.Status.Reason != UnitReason.None) json.WriteString("reason", unit.Status.Reason.Name());
        if (unit.Notice.Length > 0) json.WriteString("notice", unit.Notice);
    });

    internal static byte[] Status(Unit unit, bool isWhole) => Line(json =>
    {
        json.WriteString("unit", unit.Name);
        json.WriteString("state", unit.Phase.Name());
        json.WriteString("goal", unit.Status.Goal == UnitGoal.Up ? "up" : "down");
        if (unit.Status.HasFailed) json.WriteBoolean("failed", true);
        if (unit.Status.Reason != UnitReason.None) json.WriteString("reason", unit.Status.Reason.Name());
        if (unit.Main != 0) json.WriteNumber("pid", unit.Main);
        if (unit.Adopted is not null) json.WriteBoolean("adopted", true);
        if (unit.Restarts > 0) json.WriteNumber("restarts", unit.Restarts);
        if (unit.ChangedAt > 0) json.WriteNumber("sinceMs", Supervisor.Now - unit.ChangedAt);
        json.WriteString("description", unit.Definition.Description);
        if (!isWhole) return;
        json.WriteString("job", unit.Job);
        if (unit.LastEnd is { } end)
        {
            json.WriteNumber("code", end.Code);
            if (end.Signal != 0) json.WriteString("signal", Firn.Linux.Processes.Signals.NameOf(end.Signal));
        }
        json.WriteBoolean("enabled", unit.Definition.IsEnabled);
        if (unit.IsMasked) json.WriteBoolean("masked", true);
        if (unit.StatusText.Length > 0) json.WriteString("status", unit.StatusText);
        if (unit.Problem is not null) json.WriteString("problem", unit.Problem);
        if (unit.Notice.Length > 0) json.WriteString("notice", unit.Notice);
        if (unit.Status.Failures > 0) json.WriteNumber("failures", unit.Status.Failures);
        if (unit.Phase is UnitPhase.Fail or UnitPhase.StartingFail && unit.PhaseDeadline != Unit.Never)
            json.WriteNumber("nextStartInMs", Math.Max(0, unit.PhaseDeadline - Supervisor.Now));
        if (unit.Starts is { Count: > 0 } starts) json.WriteString("starts", $"{starts.Count} of {unit.Definition.StartLimit}");
        if (unit.Unexpected > 0) json.WriteNumber("unexpected", unit.Unexpected);
    });

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
