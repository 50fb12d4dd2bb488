using System.Collections.Immutable;

namespace Firn.Devices.Explaining;

/// <summary>What Victron's prober would do with a serial port.</summary>
/// <param name="Reason">How it comes to that.</param>
/// <param name="Programs">None: it leaves the port alone. One: that is started. Several: they are tried one after the other.</param>
/// <param name="Commands">The line of each program's template that runs it; empty when the image has none.</param>
public sealed record ProberVerdict(string Product, string Reason, IReadOnlyList<string> Programs, IReadOnlyList<string> Commands, IReadOnlyList<string> Notes)
{
    /// <summary>Steps 1 to 6 of serial-starter.sh. Passive: no port is opened.</summary>
    /// <param name="device">With the name of the port in SYSNAME.</param>
    /// <param name="hasParent">Whether the port belongs to a device of its own.</param>
    /// <param name="image">The directory of the image's tree.</param>
    public static ProberVerdict For(
        ImmutableSortedDictionary<string, string> device, IReadOnlyList<ChainLink> chain, bool hasParent, string image)
    {
        var notes = new List<string>();
        if (!hasParent) return new("", "the port has no device of its own", [], [], notes);

        var rules = UdevRuleLine.ReadDirectory(Path.Combine(image, "etc/udev/rules.d"), notes.Add);
        var properties = UdevEvaluation.Run(rules, device, chain, notes.Add);
        var settings = StarterSettings.OfImage(image);

        var isUsb = chain.Skip(1).Any(link => link.Subsystem?.StartsWith("usb", StringComparison.Ordinal) == true);
        var product = properties.GetValueOrDefault("VE_PRODUCT") is { Length: > 0 } given ? given
            : isUsb ? properties.GetValueOrDefault("ID_MODEL", "") : "ignore";
        var (names, reason) = NamesFor(properties, product, image);
        var programs = settings.Expand(names);
        if (names == "ignore" || programs.Contains("ignore")) return new(product, reason, [], [], notes);

        if (programs.Count > 1) programs = Rotated(programs, properties.GetValueOrDefault("SYSNAME", ""), image, notes);
        return new(product, reason, programs, [.. programs.Select(program => CommandOf(program, properties, product, settings, image))], notes);
    }

    private static (string Names, string Reason) NamesFor(ImmutableSortedDictionary<string, string> properties, string product, string image)
    {
        if (properties.GetValueOrDefault("VE_SERVICE") is { Length: > 0 } service)
            return service != "vedirect-or-vegetty" ? (service, $"VE_SERVICE is '{service}'")
                : Directory.Exists(Path.Combine(image, "service/vegetty")) ? ("ignore", "VE_SERVICE is 'vedirect-or-vegetty', and there is a vegetty")
                : ("vedirect", "VE_SERVICE is 'vedirect-or-vegetty', and there is no vegetty");
        return product switch
        {
            "builtin-mkx" => ("mkx", "the product is builtin-mkx"),
            "builtin-vedirect" => ("vedirect", "the product is builtin-vedirect"),
            "ignore" => ("ignore", "neither VE_PRODUCT nor VE_SERVICE is set, and the port is not of USB"),
            _ => ("default", $"no VE_SERVICE; product '{product}'"),
        };
    }

    /// <summary>The list begins at the program that was right before.</summary>
    private static IReadOnlyList<string> Rotated(IReadOnlyList<string> programs, string tty, string image, List<string> notes)
    {
        if (tty.Contains('/', StringComparison.Ordinal)) return programs;
        foreach (var file in (string[])[Path.Combine(image, "tmp", $"{tty}.prog"), Path.Combine(image, "data/var/lib/serial-starter", tty)])
        {
            if (!File.Exists(file)) continue;
            var last = File.ReadAllText(file).Trim();
            var at = programs.ToList().IndexOf(last);
            if (at < 0) continue;
            notes.Add($"begins with {last}, as {Path.GetRelativePath(image, file)} says");
            return [.. programs.Skip(at), .. programs.Take(at)];
        }
        return programs;
    }

    private static string CommandOf(
        string program, ImmutableSortedDictionary<string, string> properties, string product, StarterSettings settings, string image)
    {
        if (settings.TemplateOf(program) is not { } template || template.Contains("..", StringComparison.Ordinal)) return "";
        var file = Path.Combine(image, "opt/victronenergy/service-templates", template, "run");
        if (!File.Exists(file)) return "";
        var line = File.ReadAllLines(file).Select(text => text.Trim()).LastOrDefault(text => text.StartsWith("exec ", StringComparison.Ordinal)) ?? "";
        return line.Replace("PRODUCT=", $"PRODUCT={product}").Replace("TTY", properties.GetValueOrDefault("SYSNAME", "TTY"));
    }
}
