using System.Collections.Immutable;
using Firn.Devices.Rules;
using Firn.Devices.Sources;

namespace Firn.Devices.Matching;

/// <summary>All rules in the order in which they are asked: the first that fits decides, so that a device never has two services.</summary>
public sealed class RuleSet
{
    private readonly string? _user, _site;

    /// <param name="user">Whose daemon asks.</param>
    /// <param name="site">Where it runs; null: nothing was said.</param>
    public RuleSet(IEnumerable<DeviceRule> rules, string? user = null, string? site = null)
    {
        Rules = [.. rules.OrderByDescending(rule => rule.Priority)];    // a stable sort: else the order of the files
        (_user, _site) = (user, site);
        Attributes = [.. Keys().Where(key => key.StartsWith(DeviceTree.Attribute, StringComparison.Ordinal)
            || key.StartsWith(DeviceTree.AncestorAttribute, StringComparison.Ordinal))];
    }

    public ImmutableArray<DeviceRule> Rules { get; }

    /// <summary>The keys of attributes that rules ask for; each is a file to be read when a device comes.</summary>
    public ImmutableSortedSet<string> Attributes { get; }

    public Decision Decide(IReadOnlyDictionary<string, string> device)
    {
        foreach (var rule in Rules)
        {
            if (!Judge(rule, device).Fits) continue;
            if ((rule.User is { } user && user != _user) || (rule.Site is { } site && site != _site)) return new Decision.Foreign(rule);
            return rule.Service is { } service ? new Decision.Serve(rule, service) : new Decision.Ignored(rule);
        }
        return new Decision.None();
    }

    /// <summary>What each rule says of a device, in the order in which they are asked.</summary>
    public IEnumerable<RuleVerdict> Explain(IReadOnlyDictionary<string, string> device) => Rules.Select(rule => Judge(rule, device));

    private static RuleVerdict Judge(DeviceRule rule, IReadOnlyDictionary<string, string> device)
    {
        var reasons = new List<string>();
        foreach (var conditions in rule.Match)
        {
            var failed = conditions.FirstOrDefault(condition => !condition.Pattern.Matches(device.GetValueOrDefault(condition.Key)));
            if (failed is null && conditions.Length > 0)
                return new(rule, true, string.Join(", ", conditions.Select(condition => $"{condition.Key} is {Said(device.GetValueOrDefault(condition.Key))}")));
            if (failed is not null) reasons.Add($"{failed.Key} is {Said(device.GetValueOrDefault(failed.Key))}, not {failed.Pattern}");
        }
        return new(rule, false, reasons.Count == 0 ? "it has no match" : string.Join("; ", reasons));
    }

    private static string Said(string? value) => value is null ? "absent" : $"'{value}'";

    private IEnumerable<string> Keys()
    {
        foreach (var rule in Rules)
        {
            foreach (var conditions in rule.Match)
                foreach (var condition in conditions) yield return condition.Key;
            foreach (var value in rule.Data.Values.Append(rule.Instance ?? "").Append(rule.Symlink ?? ""))
                if (value.StartsWith('@')) yield return value[1..];
        }
    }
}
