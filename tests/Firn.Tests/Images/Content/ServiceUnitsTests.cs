using System.Text;
using Firn.Cli.Commands.Pm;
using Firn.Dispatch.Files;
using Firn.Dispatch.Hosting;
using Firn.Formats.Trees;
using Firn.Images.Content;
using Firn.Images.Recipes;
using Firn.Tests.Formats;

namespace Firn.Tests.Images.Content;

public sealed class ServiceUnitsTests
{
    [Fact]
    public void The_service_of_systemd_is_the_one_that_pm_host_writes()
    {
        var written = HostFile.Create(new("systemd", "/usr/bin/firn", "/var/opt/pm", null, "/etc/firn/units", "adopt", IsForMachine: true));

        Assert.Equal(written.Text, Encoding.UTF8.GetString(EmbeddedFile.Read("firn-pm.service")));
    }

    [Fact]
    public void Units_of_Firn_itself_pass_the_check_beside_those_of_a_person_and_share_their_names()
    {
        using var scratch = new ScratchDirectory();
        var mine = scratch.Write("web.yaml", "run: /usr/bin/web\nafter: [firn-agent, firn-device]\nrequires: [firn-confirm]\n"u8);
        var all = Read("services: { units: [web.yaml] }", scratch) with { Agent = new([]), Devices = new([], "pm") };

        Assert.Equal(["firn-agent", "firn-confirm", "firn-device", "web"], PmCheckCommand.Read([mine], ServiceUnits.Own(all)).Keys);
        var withPage = all with { Agent = new([new("web", "8080")]) };
        Assert.Equal(["firn-agent", "firn-confirm", "firn-device", "firn-web", "web"], PmCheckCommand.Read([mine], ServiceUnits.Own(withPage)).Keys);
        Assert.Contains(("firn-device", "--manager pm"), ServiceUnits.Own(all).Select(unit => (unit.Name, unit.Text.Contains("--manager pm", StringComparison.Ordinal) ? "--manager pm" : "")));
        var same = scratch.Write("firn-confirm.yaml", "run: /bin/true\n"u8);
        Assert.Contains("already given", Assert.Throws<UnitException>(() => PmCheckCommand.Read([same], ServiceUnits.Own(all))).Message);
    }

    [Theory]
    [InlineData("auto", "usr/lib/systemd/systemd usr/sbin/init", "Systemd")]
    [InlineData("auto", "usr/bin/busybox", "Init")]
    [InlineData("auto", "usr/sbin/init", null)]
    [InlineData("systemd", "usr/lib/systemd/systemd", "Systemd")]
    [InlineData("systemd", "usr/bin/busybox", "services.host is systemd, which")]
    [InlineData("init", "usr/bin/busybox", "Init")]
    [InlineData("init", "usr/sbin/init", "services.host is init, and")]
    public void Who_starts_the_manager_follows_from_the_image(string host, string files, string? expected)
    {
        using var scratch = new ScratchDirectory();
        var recipe = Read($"services: {{ units: [], host: {host} }}", scratch);
        var tree = new FileTree();
        tree.Put("sbin", new(FileKind.Symlink) { LinkTarget = "usr/sbin" });
        foreach (var file in files.Split(' ')) tree.Put(file, new(FileKind.File));

        if (expected?.StartsWith("services", StringComparison.Ordinal) == true)
            Assert.StartsWith(expected, Assert.Throws<InvalidDataException>(() => ServiceUnits.HostOf(recipe, tree)).Message);
        else Assert.Equal(expected, ServiceUnits.HostOf(recipe, tree)?.ToString());
    }

    [Fact]
    public void Of_a_directory_the_units_in_it_are_taken()
    {
        using var scratch = new ScratchDirectory();
        Directory.CreateDirectory($"{scratch.Path}/units");
        foreach (var name in (string[])["b.yml", "a.yaml", "README"]) scratch.Write($"units/{name}", "run: x"u8);

        Assert.Equal(["a.yaml", "b.yml"], Read("services: { units: [units] }", scratch).Services!.Units.Select(Path.GetFileName));
        scratch.Write("a.yaml", "run: y"u8);
        Assert.Contains("two files called a.yaml", Assert.Throws<RecipeException>(() => Read("services: { units: [units, a.yaml] }", scratch)).Message);
    }

    private static Recipe Read(string services, ScratchDirectory scratch) =>
        RecipeReader.Read($"name: a\nversion: 1\nsource: {{ directory: . }}\n{services}\n", "r.yaml", scratch.Path);
}
