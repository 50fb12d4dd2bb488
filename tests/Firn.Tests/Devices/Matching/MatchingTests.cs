using Firn.Devices.Matching;

namespace Firn.Tests.Devices.Matching;

public sealed class MatchingTests
{
    private static readonly IReadOnlyDictionary<string, string> Adapter = Device("ttyUSB0", "VE1234XX", "port-1");

    [Fact]
    public void The_first_rule_that_fits_decides_and_priority_goes_first()
    {
        var rules = TestRules.Of("""
            udev:
              - { match: { ID_BUS: usb }, service: any }
              - { match: { ID_SERIAL_SHORT: VE* }, service: vedirect, priority: 5 }
            """);

        Assert.Equal("vedirect", Assert.IsType<Decision.Serve>(rules.Decide(Adapter)).Service);
        Assert.Equal(
            ["test.yaml:3 True ID_SERIAL_SHORT is 'VE1234XX', SUBSYSTEM is 'tty'", "test.yaml:2 True ID_BUS is 'usb', SUBSYSTEM is 'tty'"],
            rules.Explain(Adapter).Select(verdict => $"{verdict.Rule.Name} {verdict.Fits} {verdict.Reason}"));
    }

    [Fact]
    public void A_rule_says_why_it_does_not_fit()
    {
        var rules = TestRules.Of("udev: [ { match: [ { ID_BUS: pci }, { NONE: '?*' }, { ID_BUS: null } ], service: x } ]");

        Assert.Equal(
            "ID_BUS is 'usb', not 'pci'; NONE is absent, not '?*'; ID_BUS is 'usb', not absent",
            Assert.Single(rules.Explain(Adapter)).Reason);
        Assert.IsType<Decision.None>(rules.Decide(Adapter));
    }

    [Fact]
    public void A_rule_of_another_user_or_place_decides_and_starts_nothing_here()
    {
        const string yaml = """
            udev:
              - { match: { ID_BUS: usb }, service: x, user: venus, site: boat }
              - { match: { ID_BUS: usb }, service: y }
            """;

        Assert.IsType<Decision.Foreign>(TestRules.Of(yaml, "root", "boat").Decide(Adapter));
        Assert.IsType<Decision.Foreign>(TestRules.Of(yaml, "venus", "van").Decide(Adapter));
        Assert.IsType<Decision.Serve>(TestRules.Of(yaml, "venus", "boat").Decide(Adapter));
    }

    [Fact]
    public void Nothing_is_started_for_what_is_ignored()
    {
        Assert.IsType<Decision.Ignored>(TestRules.Of("udev: [ { match: { ID_BUS: usb }, service: null } ]").Decide(Adapter));
        Assert.IsType<Decision.Ignored>(TestRules.Of("udev: [ { match: { ID_BUS: usb }, ignore: true } ]").Decide(Adapter));
    }

    [Theory]
    [InlineData("123", true)]
    [InlineData("00000000", true)]
    [InlineData("AB00000000", true)]
    [InlineData("0123456789ABCDEF", true)]
    [InlineData("0001234567", true)]
    [InlineData("ABCDEFGH", true)]
    [InlineData("VE1234XX", false)]
    [InlineData("A9007UX1", false)]
    public void Serial_numbers_that_are_none_are_known(string serial, bool isFake) => Assert.Equal(isFake, FakeSerial.Is(serial));

    [Fact]
    public void The_serial_number_is_suggested_when_it_is_one()
    {
        var rule = SuggestedRule.For(Adapter, [Adapter, Device("ttyUSB1", "OTHER123", "port-2")]);

        Assert.Empty(rule.Warnings);
        Assert.Equal(
            """
            udev:
              - match:
                  SUBSYSTEM: 'tty'
                  ID_SERIAL_SHORT: 'VE1234XX'
                service: vedirect
                instance: '@ID_SERIAL_SHORT'

            """, rule.ToYaml("vedirect"));
        Assert.IsType<Decision.Serve>(TestRules.Of(rule.ToYaml("vedirect")).Decide(Adapter));
    }

    [Fact]
    public void The_port_is_suggested_when_the_serial_number_is_none_or_another_device_has_it()
    {
        var fake = SuggestedRule.For(Device("ttyUSB0", "0001234567", "port-1"), []);
        var twin = SuggestedRule.For(Adapter, [Adapter, Device("ttyUSB1", "VE1234XX", "port-2")]);

        Assert.Contains(("ID_PATH_TAG", "port-1"), fake.Match);
        Assert.Contains("the serial number '0001234567' is not one", fake.Warnings[0]);
        Assert.Contains(("ID_PATH_TAG", "port-1"), twin.Match);
        Assert.Equal("ttyUSB1 has the same serial number", twin.Warnings[0]);
    }

    [Theory]
    [InlineData("we're*[here]|!")]
    [InlineData("/regex/")]
    [InlineData("!not")]
    public void A_suggested_rule_fits_whatever_the_device_says(string model)
    {
        var device = new Dictionary<string, string> { ["SYSNAME"] = model, ["DEVPATH"] = "/devices/x", ["SUBSYSTEM"] = "tty" };

        var yaml = SuggestedRule.For(device, []).ToYaml("x");

        Assert.IsType<Decision.Serve>(TestRules.Of(yaml).Decide(device));
    }

    private static Dictionary<string, string> Device(string name, string serial, string port) => new()
    {
        ["DEVPATH"] = $"/devices/{name}",
        ["SYSNAME"] = name,
        ["DEVNAME"] = $"/dev/{name}",
        ["SUBSYSTEM"] = "tty",
        ["ID_BUS"] = "usb",
        ["ID_VENDOR_ID"] = "0403",
        ["ID_MODEL_ID"] = "6001",
        ["ID_SERIAL_SHORT"] = serial,
        ["ID_PATH_TAG"] = port,
    };
}
