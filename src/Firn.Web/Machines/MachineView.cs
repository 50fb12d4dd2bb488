using System.Text.Json;
using Firn.Formats.Boot;
using Firn.Linux.Processes;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Web.Machines;

/// <summary>What the page shows of the machine it runs on, as JSON.</summary>
/// <param name="firn">The program.</param>
public sealed class MachineView(BootControl boot, UpdateControl updates, MachinePaths paths, string firn)
{
    private const int HistoryEntries = 50, LogLines = 100, AgentLimitBytes = 64 << 10;
    private static readonly TimeSpan LogLimit = TimeSpan.FromSeconds(10);

    public void WriteStatus(Utf8JsonWriter json)
    {
        json.WriteString("host", Environment.MachineName);
        try
        {
            WriteSlots(json, boot.Show());
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            json.WriteString("problem", error.Message);    // a machine whose boot state is gone is the one that needs an upload most
        }
        WriteRaw(json, "agent", Agent());
        WriteRaw(json, "install", InstallProgressFile.Read(Path.Combine(paths.Root, InstallProgressFile.FilePath)));
    }

    /// <summary>The newest first.</summary>
    public void WriteHistory(Utf8JsonWriter json)
    {
        json.WriteStartArray("history");
        foreach (var entry in updates.History().Reverse().Take(HistoryEntries))
        {
            json.WriteStartObject();
            json.WriteString("time", entry.Time);
            json.WriteString("event", entry.Event == HistoryEvent.RolledBack ? "rolled back" : entry.Event.ToString().ToLowerInvariant());
            json.WriteString("slot", entry.Slot.Name());
            json.WriteString("version", entry.Version);
            json.WriteString("reason", entry.Reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>The last that Firn's services have said.</summary>
    public string Log()
    {
        string[] units = ["firn-agent", "firn-confirm", "firn-web"];
        return Directory.Exists(paths.SystemdRuntime)
            ? Run("journalctl", ["--no-pager", "--quiet", "-n", $"{LogLines}", "-o", "short-iso", .. units.Select(unit => $"--unit={unit}")])
            : string.Concat(units.Select(unit => $"{unit}\n{Run(firn, ["pm", "logs", unit, "--lines", $"{LogLines}"])}"));
    }

    private static string Run(string program, string[] words)
    {
        try
        {
            return ProgramRun.Run(program, words, LogLimit).Output;
        }
        catch (FileNotFoundException error)
        {
            return error.Message;
        }
    }

    private static void WriteSlots(Utf8JsonWriter json, BootReport report)
    {
        json.WriteString("running", report.Running?.Name());
        json.WriteBoolean("isTrialBoot", report.IsTrialBoot);
        json.WriteString("confirmed", report.Confirmed.Name());
        json.WriteString("next", report.Next.Name());
        json.WriteStartArray("slots");
        foreach (var slot in report.Slots)
        {
            json.WriteStartObject();
            json.WriteString("slot", slot.Slot.Name());
            json.WriteString("name", slot.Release?.Name);
            json.WriteString("version", slot.Release?.Version);
            json.WriteString("problem", slot.Problem);
            if (report.Trial is { } trial && trial.Slot == slot.Slot)
                json.WriteString("trial", trial.HasFailed ? "its trial failed" : $"on trial, {trial.TriesLeft} {(trial.TriesLeft == 1 ? "try" : "tries")} left");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private byte[]? Agent()
    {
        var file = new FileInfo(Path.Combine(paths.Root, "run/firn/agent.json"));
        try
        {
            return file is { Exists: true, Length: <= AgentLimitBytes } ? File.ReadAllBytes(file.FullName) : null;
        }
        catch (IOException)
        {
            return null;    // it ended this very moment
        }
    }

    private static void WriteRaw(Utf8JsonWriter json, string name, byte[]? value)
    {
        json.WritePropertyName(name);
        try
        {
            json.WriteRawValue(value ?? "null"u8);
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            json.WriteNullValue();
        }
    }
}
