using System.Collections.Immutable;
using Firn.Devices.Matching;
using Firn.Devices.Rules;

namespace Firn.Devices.State;

/// <summary>What should run for a device.</summary>
/// <param name="Unit"><c>service@instance</c>.</param>
/// <param name="Rule">Whose doing it is, for people.</param>
/// <param name="DevPath">Of the device.</param>
/// <param name="Environment">For the service: lines <c>KEY=value</c>, sorted. A change of it restarts the service.</param>
/// <param name="Symlink">Below <c>/dev</c>; null: none.</param>
/// <param name="Node">Of the device, if it has one.</param>
public sealed record ServiceTarget(
    string Unit, string Rule, string DevPath, string Environment, TimeSpan Settle, TimeSpan StopDelay, string? Symlink, string? Node)
{
    private const int LongestInstance = 100;

    /// <summary>Of every device, if it has them; the rule's own data come on top.</summary>
    private static readonly string[] Told =
        ["DEVNAME", "DEVPATH", "SUBSYSTEM", "SYSNAME", "ID_VENDOR_ID", "ID_MODEL_ID", "ID_MODEL", "ID_SERIAL_SHORT", "ID_PATH_TAG"];

    /// <param name="isFree">Whether no other device that is there has a unit.</param>
    public static ServiceTarget For(
        DeviceRule rule, string service, string devPath, ImmutableSortedDictionary<string, string> device, Func<string, bool> isFree)
    {
        var unit = $"{service}@{Instance(rule, device)}";
        // two devices with one serial number: the second is told apart by its port, so that both are served
        foreach (var mark in (string[])[Fallback(device), device.GetValueOrDefault("SYSNAME", ""), device.GetValueOrDefault("SUBSYSTEM", "")])
            if (!isFree(unit)) unit = $"{unit}-{Word(mark)}";
        return new(unit, rule.Name, devPath, EnvironmentOf(rule, device), rule.Settle, rule.StopDelay,
            rule.Symlink is { } link ? Link(Value(link, device)) : null, device.GetValueOrDefault("DEVNAME"));
    }

    private static string Instance(DeviceRule rule, ImmutableSortedDictionary<string, string> device)
    {
        var wanted = rule.Instance is { } given ? Value(given, device) : device.GetValueOrDefault("SYSNAME", "");
        var isSerial = rule.Instance is "@ID_SERIAL_SHORT" or "@ID_USB_SERIAL_SHORT";
        return Word(wanted.Length == 0 || (isSerial && FakeSerial.Is(wanted)) ? Fallback(device) : wanted);
    }

    private static string Fallback(ImmutableSortedDictionary<string, string> device) =>
        device.GetValueOrDefault("ID_PATH_TAG") ?? device.GetValueOrDefault("SYSNAME", "device");

    private static string EnvironmentOf(DeviceRule rule, ImmutableSortedDictionary<string, string> device)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in Told)
            if (device.TryGetValue(key, out var value)) values[key] = value;
        foreach (var (key, value) in rule.Data) values[key] = Value(value, device);
        return string.Concat(values.Select(pair => $"{pair.Key}={Line(pair.Value)}\n"));
    }

    private static string Value(string text, ImmutableSortedDictionary<string, string> device) =>
        text.StartsWith('@') ? device.GetValueOrDefault(text[1..], "") : text;

    private static string Line(string value) => string.Concat(value.Select(c => char.IsControl(c) ? ' ' : c));

    /// <summary>What the name of a unit can hold; whoever made the device chose the rest.</summary>
    private static string Word(string text)
    {
        var word = string.Concat(text.Take(LongestInstance).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' ? c : '_'));
        return word.Length == 0 ? "device" : word;
    }

    /// <summary>A device's own words may name no place beside <c>/dev</c>.</summary>
    private static string? Link(string text) =>
        text.Length == 0 ? null : string.Join('/', text.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(part => Word(part) is "." or ".." ? "_" : Word(part)));
}
