using System.CommandLine;
using Firn.Formats.Overlays;
using Firn.Machine.Overlays;
using Firn.Trust.Minisign;

namespace Firn.Cli.Commands.Overlay;

internal static class OverlayInspectCommand
{
    public static Command Create(Wiring wiring)
    {
        var file = new Argument<FileInfo?>("file") { Description = "An overlay; without it, what this machine has, and its facts", Arity = ArgumentArity.ZeroOrOne };
        var (key, passphrase, iterations) = (OverlayOptions.Key(), OverlayOptions.Passphrase(), OverlayOptions.Iterations());
        var command = new Command("inspect", "Show what is in an overlay, or which one this machine has") { file, key, passphrase, iterations };
        command.SetAction(parsed =>
        {
            var lines = parsed.GetValue(file) is { } given
                ? OfFile(given, OverlayOptions.Read(parsed.GetValue(key), parsed.GetValue(passphrase), parsed.GetValue(iterations)))
                : OfMachine(wiring);
            foreach (var line in lines) parsed.InvocationConfiguration.Output.WriteLine(line);
        });
        return command;
    }

    private static IEnumerable<string> OfFile(FileInfo file, OverlayKeys keys)
    {
        var signature = OverlayText.Split(OverlayOptions.Bytes(file)).Signature;
        var overlay = OverlayOptions.Open(file, keys);
        yield return $"{file}: {(signature is null ? "not signed" : $"signature of key {MinisignSignature.Read(signature).KeyName}, not verified here")}";
        yield return $"  for every machine: {overlay.Base.Walk().Count()} files and directories";
        foreach (var layer in overlay.Layers) yield return $"  {layer.Name}: {layer.Tree.Walk().Count()} files and directories";
    }

    private static IEnumerable<string> OfMachine(Wiring wiring)
    {
        yield return OverlayStatus.Read(wiring.Paths)?.TrimEnd() ?? "no overlay was looked for at this boot";
        var state = new OverlayStore(wiring.Paths.OverlayState).Read();
        if (state.Good is { } good) yield return $"last good: {good.Source}";
        if (state.Offered is { } offered) yield return $"for the next boot: {offered.Source}";
        foreach (var rejected in state.Rejected) yield return $"not taken again: {rejected.Name[..12]}: {rejected.Value}";
        yield return FactFinder.Find(wiring.Paths, MachineVolumes.List(wiring.Paths)).ToText().TrimEnd();
    }
}
