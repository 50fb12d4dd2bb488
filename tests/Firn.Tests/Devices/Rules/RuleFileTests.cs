using Firn.Devices.Rules;

namespace Firn.Tests.Devices.Rules;

public sealed class RuleFileTests
{
    [Fact]
    public void Rules_of_the_field_are_read()
    {
        var rule = Assert.Single(Read("""
            udev:
              - match:
                  - { ID_BUS: usb, ID_VENDOR_ID: 0403, ID_MODEL: 'FT*|VE Direct*' }
                  - sys_name: ttyS[0-3]
                    ID_BUS: null
                service: vedirect
                instance: '@ID_SERIAL_SHORT'
                data: { baud: 19200, port: '@DEVNAME' }
                settle: 200ms
                stopDelay: 2s
                symlink: ve/direct
                priority: -1
            """, out var problems));

        Assert.Empty(problems);
        Assert.Equal("vedirect", rule.Service);
        Assert.Equal(2, rule.Match.Length);
        Assert.Equal(["SYSNAME", "ID_BUS", "SUBSYSTEM"], rule.Match[1].Select(condition => condition.Key));
        Assert.Equal("19200", rule.Data["BAUD"]);
        Assert.Equal((TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2)), (rule.Settle, rule.StopDelay));
        Assert.Equal("test.yaml:2", rule.Name);
    }

    [Fact]
    public void Every_problem_is_told_with_its_line()
    {
        Read("""
            udev:
              - match: { ID_BUS: usb }
                servise: gps
              - service: bad name!
                match: []
                settle: soon
              - match: { A: /(/ , B: [x] }
                service: null
                data: { 'no name': 1, PATH: { a: b } }
              - just words
              - { match: { A: b }, ignore: true, service: x, symlink: ../../etc/passwd, priority: high }
              - { match: { A: b }, ignore: maybe }
            """, out var problems);

        Assert.Equal(
            [
                "test.yaml:3: unknown key 'servise'; did you mean 'service'?",
                "test.yaml:2: service is missing; expected a name such as gpsd, or null where nothing is to be started",
                "test.yaml:4: service cannot be 'bad name!'; expected a name of letters, digits and .-_",
                "test.yaml:5: match must be properties with patterns, or a list of such, not an empty list",
                "test.yaml:6: settle cannot be 'soon'; expected a time from 0 to 1h such as 200ms, 2s or 1m",
                "test.yaml:7: A is no regular expression: Invalid pattern '(' at offset 1. Not enough )'s.",
                "test.yaml:7: B must be a pattern, not a list; alternatives are written 'a|b'",
                "test.yaml:9: data cannot have a key 'no name'; expected letters, digits and _, as variables have",
                "test.yaml:9: PATH must be a single value, not keys with values",
                "test.yaml:10: a rule must be keys with values, not a single value; expected match, service, data, user, site, instance, settle, stopDelay, ignore, symlink, priority",
                "test.yaml:11: ignore and service contradict each other; keep one of them",
                "test.yaml:11: symlink cannot be '../../etc/passwd'; expected a name below /dev, or @KEY",
                "test.yaml:11: priority cannot be 'high'; expected a whole number",
                "test.yaml:12: ignore cannot be 'maybe'; expected true or false",
                "test.yaml:12: service is missing; expected a name such as gpsd, or null where nothing is to be started",
            ],
            problems);
    }

    [Theory]
    [InlineData("rules: []", "test.yaml:1: a file of rules must be a single key, udev, with a list of rules")]
    [InlineData("udev: x", "test.yaml:1: udev must be a list of rules, not a single value")]
    [InlineData("udev: [", "test.yaml:2: this is not YAML")]
    [InlineData("", "test.yaml: the file of rules is empty; it needs at least udev")]
    public void What_is_no_file_of_rules_is_told(string text, string expected)
    {
        Read(text, out var problems);
        Assert.StartsWith(expected, Assert.Single(problems));
    }

    [Theory]
    [InlineData("usb", "usb", true)]
    [InlineData("usb", null, false)]
    [InlineData("a|b*", "bcd", true)]
    [InlineData("!usb", "pci", true)]
    [InlineData("!usb", null, true)]
    [InlineData("!null", null, false)]
    [InlineData("!null", "x", true)]
    [InlineData("/^VE[0-9]+$/", "VE123", true)]
    [InlineData("/^VE[0-9]+$/", "xVE123", false)]
    [InlineData("!/x/", "y", true)]
    [InlineData("/(a+)+$/", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", false)]
    public void Patterns_fit_what_they_should(string pattern, string? value, bool fits) =>
        Assert.Equal(fits, ValuePattern.Parse(pattern).Matches(value));

    [Fact]
    public void Globs_agree_with_the_shell()
    {
        string[] globs = ["*", "a*b", "a?c", "[a-c]x", "[!a-c]x", "tty*[0-9]", "[", "[]x]", "[a", "*.*.*", "a[-z]", "**b"];
        string[] texts = ["", "ab", "a.b.c", "abc", "bx", "dx", "ttyUSB12", "tty", "[", "]", "x", "a-", "[a", "aXb", "a[b"];
        var script = string.Join('\n', globs.SelectMany(glob => texts.Select(text =>
            $"case '{text}' in {Escaped(glob)}) printf 1;; *) printf 0;; esac")));

        var shell = Shell.Run(script, "/");
        var ours = string.Concat(globs.SelectMany(glob => texts.Select(text => Glob.Matches(glob, text) ? '1' : '0')));

        Assert.Equal(shell, ours);

        static string Escaped(string glob) => glob is "[" or "[a" ? $"'{glob}'" : glob;
    }

    private static List<DeviceRule> Read(string text, out string[] problems)
    {
        var (rules, found) = (new List<DeviceRule>(), new List<RuleProblem>());
        RuleFile.Read(text, "test.yaml", rules, found);
        problems = [.. found.Select(problem => problem.ToString())];
        return rules;
    }
}
