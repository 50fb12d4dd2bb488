using System.CommandLine;
using System.Text.Json;
using Firn.Dispatch.Remotes;

namespace Firn.Cli.Commands.Pm;

internal static class PmInventoryCommand
{
    public static Command Create()
    {
        var file = new Option<string?>("--inventory") { Description = "The list of remotes (default: $PM_INVENTORY, else /etc/firn/inventory.yaml for root)", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print a line of JSON for each unit" };
        var command = new Command("inventory", "Ask every manager of the inventory at once how it is; the exit code is 1 if one does not answer") { file, json };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var entries = Inventory.Read(parsed.GetValue(file) ?? Inventory.DefaultPath).Entries.Values.ToArray();
            var answers = new Answer[entries.Length];
            var threads = new Thread[entries.Length];    // each waits for a program or a socket
            for (var i = 0; i < entries.Length; i++)
            {
                var index = i;
                threads[i] = new Thread(() => answers[index] = Ask(entries[index]));
                threads[i].Start();
            }
            foreach (var thread in threads) thread.Join();
            foreach (var answer in answers)
                if (parsed.GetValue(json)) foreach (var line in answer.Lines) output.WriteLine(line);
                else output.WriteLine(answer.Text);
            return answers.All(answer => answer.IsHeard) ? 0 : ExitCode.Failed;
        });
        return command;
    }

    private static Answer Ask(InventoryEntry entry)
    {
        var (running, failed, lines) = (0, 0, new List<string>());
        try
        {
            PmTarget target = entry.IsElsewhere ? new PmTarget.Elsewhere(entry) : entry.Socket is { } socket ? new PmTarget.Forwarded(socket) : new PmTarget.Local(new(Path.GetFullPath(entry.Home!)));
            var result = target.Ask(new("list", [], []), unit =>
            {
                if (unit.Text("state") is "RUNNING" or "RELOADING") running++;
                if (unit.Text("failed").Length > 0) failed++;
                lines.Add($"{{\"remote\":\"{JsonEncodedText.Encode(entry.Name)}\",{unit.GetRawText()[1..]}");
            });
            return new(result.Exit == 0, $"{entry.Name,-20} {lines.Count,5} units {running,5} running {failed,5} failed  {result.Message}".TrimEnd(), lines);
        }
        catch (IOException error)
        {
            return new(false, $"{entry.Name,-20} does not answer: {error.Message}", [$"{{\"remote\":\"{JsonEncodedText.Encode(entry.Name)}\",\"error\":\"{JsonEncodedText.Encode(error.Message)}\"}}"]);
        }
    }

    private sealed record Answer(bool IsHeard, string Text, List<string> Lines);
}
