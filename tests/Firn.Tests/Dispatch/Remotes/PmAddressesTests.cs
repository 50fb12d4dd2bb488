using Firn.Dispatch.Files;
using Firn.Dispatch.Remotes;
using Firn.Supervision.Homes;

namespace Firn.Tests.Dispatch.Remotes;

public sealed class PmAddressesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("pm-addresses-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("web", "home", "web")]
    [InlineData("a.b.service", "home", "a.b.service")]
    [InlineData("lower.web", "lower", "web")]
    [InlineData("lower.dotted.name.web", "deep", "web")]
    [InlineData("lower.\"dotted.name.web\"", "lower", "dotted.name.web")]
    [InlineData("here.web", "elsewhere", "web")]
    [InlineData("unknown.web", "home", "unknown.web")]
    public void The_longest_name_that_there_is_decides(string address, string home, string unit)
    {
        Manager("home", "lower", "lower");
        Unit("home", "a.b.service");
        Manager("lower", "dotted.name", "deep");

        var (target, name) = Addresses().Resolve(address);

        Assert.Equal(($"{_directory}/{home}", unit), (((PmTarget.Local)target).Home.Path, name));
    }

    [Fact]
    public void What_is_elsewhere_gets_the_rest_of_the_address()
    {
        var (target, rest) = Addresses().Resolve("edge.pm1.web");

        var command = ((PmTarget.Elsewhere)target).Entry.CommandFor(["ask"]);
        Assert.Equal(("pm1.web", "ssh -oConnectTimeout=10 -oBatchMode=yes -- root@edge firn pm ask --home '/var/opt/my pm'"), (rest, string.Join(' ', command).Replace("'firn", "firn")));
        Assert.Equal("/run/lab.sock", ((PmTarget.Forwarded)Addresses().Resolve("lab.web").Target).Socket);
        Assert.Null(Addresses().ResolveManager("nobody"));
        Assert.Equal("pm1", Addresses().ResolveManager("edge.pm1")!.Value.Below);
    }

    [Theory]
    [InlineData("a: {}", "says nothing")]
    [InlineData("a: { sssh: x }", "unknown key 'sssh'")]
    [InlineData("a: text", "must be keys")]
    [InlineData("- a", "must be names")]
    [InlineData("a: { via: \"sh 'x\" }", "not closed")]
    public void What_is_wrong_in_an_inventory_is_said(string text, string expected)
    {
        File.WriteAllText($"{_directory}/inventory", text);

        var problem = Assert.Throws<UnitException>(() => Inventory.Read($"{_directory}/inventory"));

        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    private PmAddresses Addresses()
    {
        File.WriteAllText($"{_directory}/inventory", $"edge: {{ ssh: root@edge, home: /var/opt/my pm }}\nlab: {{ socket: /run/lab.sock }}\nhere: {{ home: {_directory}/elsewhere }}\n");
        return new(new($"{_directory}/home"), () => Inventory.Read($"{_directory}/inventory"));
    }

    private void Manager(string home, string unit, string below) => Unit(home, unit, $"s\ttype\tpm\ns\tpm.home\t{_directory}/{below}\n");

    private void Unit(string home, string unit, string table = "s\texec.run\ttrue\n")
    {
        var directory = new PmHome($"{_directory}/{home}").Unit(unit);
        Directory.CreateDirectory(directory);
        File.WriteAllText($"{directory}/parameter", table);
    }
}
