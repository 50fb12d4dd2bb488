using System.Collections.Immutable;
using System.CommandLine;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Formats.Overlays;
using Firn.Formats.Trees;

namespace Firn.Cli.Commands.Overlay;

/// <param name="Mode">As in a listing, such as <c>-rw-r--r--</c>; <c>removed</c> for what is taken away.</param>
/// <param name="Layer">Where it comes from; empty for the files of all machines.</param>
internal sealed record PlannedFile(string Path, string Mode, uint Uid, uint Gid, long SizeBytes, string Layer);

internal sealed record PlannedMachine(string Name, ImmutableArray<string> Layers, ImmutableArray<PlannedFile> Files);

internal static class OverlayPlanCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "The overlay" };
        var facts = new Option<FileInfo[]>("--facts")
        {
            Description = "Facts of a machine, lines NAME=VALUE; several files for several machines",
            HelpName = "FILE",
            AllowMultipleArgumentsPerToken = true,
            Required = true,
        };
        var (key, passphrase, iterations) = (OverlayOptions.Key(), OverlayOptions.Passphrase(), OverlayOptions.Iterations());
        var json = BootCommands.Json();
        var command = new Command("plan", "Show which machine would get what, file by file") { file, facts, key, passphrase, iterations, json };
        command.SetAction(parsed =>
        {
            var overlay = OverlayOptions.Open(
                parsed.GetValue(file)!, OverlayOptions.Read(parsed.GetValue(key), parsed.GetValue(passphrase), parsed.GetValue(iterations)));
            var machines = parsed.GetValue(facts)!.Select(one => Plan(overlay, one)).ToImmutableArray();
            Result.Print(parsed.InvocationConfiguration.Output, machines, parsed.GetValue(json), ResultJson.Default.ImmutableArrayPlannedMachine, Lines);
        });
        return command;
    }

    private static PlannedMachine Plan(Formats.Overlays.Overlay overlay, FileInfo facts)
    {
        var plan = OverlayPlan.Of(overlay, NamedValues.Parse(File.ReadAllText(facts.FullName), facts.Name));
        return new(
            Path.GetFileNameWithoutExtension(facts.Name), plan.Layers,
            [.. plan.Tree.Walk().Where(entry => !entry.Node.IsDirectory || entry.Node.Children.Count == 0)
                .Select(entry => Describe(entry.Path, entry.Node, plan.Origins.GetValueOrDefault(entry.Path, "")))]);
    }

    private static PlannedFile Describe(string path, FileNode node, string layer) => new(
        "/" + path, OverlayPlan.IsRemoval(node) ? "removed" : ModeText(node), node.Uid, node.Gid, node.Content.SizeBytes, layer);

    private static string ModeText(FileNode node) =>
        (node.Kind switch { FileKind.Directory => "d", FileKind.Symlink => "l", _ => "-" }) + Convert.ToString(node.Mode & 0xfff, 8).PadLeft(4, '0');

    private static IEnumerable<string> Lines(ImmutableArray<PlannedMachine> machines)
    {
        foreach (var machine in machines)
        {
            yield return $"{machine.Name}: {(machine.Layers.IsEmpty ? "no layer" : string.Join(", ", machine.Layers))}";
            foreach (var file in machine.Files)
                yield return $"  {file.Mode,-7} {file.Uid}:{file.Gid} {file.SizeBytes,8}  {file.Path}{(file.Layer.Length > 0 ? $"  ({file.Layer})" : "")}";
        }
    }
}
