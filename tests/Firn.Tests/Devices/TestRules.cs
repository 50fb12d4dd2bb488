using Firn.Devices.Matching;
using Firn.Devices.Rules;

namespace Firn.Tests.Devices;

internal static class TestRules
{
    public static RuleSet Of(string yaml, string? user = null, string? site = null)
    {
        var (rules, problems) = (new List<DeviceRule>(), new List<RuleProblem>());
        RuleFile.Read(yaml, "test.yaml", rules, problems);
        Assert.Empty(problems);
        return new(rules, user, site);
    }
}
