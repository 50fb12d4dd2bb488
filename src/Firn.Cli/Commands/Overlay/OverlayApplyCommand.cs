using System.CommandLine;
using Firn.Formats.Overlays;
using Firn.Machine.Boot;
using Firn.Machine.Overlays;

namespace Firn.Cli.Commands.Overlay;

internal static class OverlayApplyCommand
{
    public static Command Create(Wiring wiring)
    {
        var source = new Argument<string?>("source")
        {
            Description = $"A file, or a source ({OverlaySource.Expected}): verified now, applied from the next boot on",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var boot = new Option<bool>("--boot") { Description = "What the initramfs runs before it hands over" };
        var esp = new Option<string?>("--esp") { Description = "With --boot: the device of the ESP", HelpName = "DEVICE" };
        var volatileData = new Option<bool>("--volatile") { Description = "With --boot: there is no data partition to remember anything on" };
        var command = new Command("apply", "Take an overlay from the next boot on") { source, boot, esp, volatileData };
        command.Validators.Add(result =>
        {
            if (result.GetResult(source) is null == result.GetResult(boot) is null) result.AddError("expected either a source or --boot");
        });
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(source) is { } given)
            {
                var plan = Offer(wiring, given);
                output.WriteLine($"{given}: {plan.Layers.Length} layers for this machine; applied from the next boot on");
                return 0;
            }
            var status = AtBoot(wiring, parsed.GetValue(esp), isPersistent: !parsed.GetValue(volatileData));
            output.Write(status.ToText());
            return status.Outcome == OverlayOutcome.Rescue ? ExitCode.Refused : 0;
        });
        return command;
    }

    private static OverlayStatus AtBoot(Wiring wiring, string? esp, bool isPersistent)
    {
        var settings = wiring.OverlaySettings;
        var line = File.ReadAllText(wiring.Paths.KernelCommandLine);
        var booted = RunningBoot.Parse(line);
        return new OverlayBoot(wiring.Paths, settings, wiring.OverlayFetch(esp), wiring.Clock).Run(new(
            OverlayParameter.Sources(line, settings), booted.Slot == Formats.Boot.Slot.Rescue ? "rescue" : booted.Slot == Formats.Boot.Slot.A ? "a" : "b",
            booted.IsTrial, isPersistent, booted.Tries));
    }

    private static OverlayPlan Offer(Wiring wiring, string given)
    {
        var settings = wiring.OverlaySettings;
        var fetched = OverlaySource.TryParse(given, out var source)
            ? wiring.OverlayFetch(null).Fetch(source)
            : OfFile(new(given));
        return OverlayOffer.Keep(wiring.Paths, settings, fetched, given);
    }

    private static FetchedOverlay OfFile(FileInfo file)
    {
        var content = OverlayOptions.Bytes(file);
        var signature = new FileInfo($"{file.FullName}.minisig");
        return new(signature.Exists ? OverlayTrust.Attach(content, File.ReadAllText(signature.FullName)) : content);
    }
}
