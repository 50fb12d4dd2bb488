using System.CommandLine;
using Firn.Dispatch.Hosting;

namespace Firn.Cli.Commands.Pm;

internal static class PmHostCommand
{
    public static Command Create() => new("host", "Have another init system run a manager") { Install(), Remove() };

    private static Command Install()
    {
        var kind = Kind();
        var force = new Option<bool>("--force") { Description = "Replace a file that is there" };
        var stream = new Option<string?>("--init-stream") { Description = "A file of commands to begin with", HelpName = "FILE" };
        var units = new Option<string?>("--units") { Description = "A directory of units to begin with", HelpName = "DIR" };
        var onDeath = new Option<string>("--on-manager-death") { Description = "adopt or kill", DefaultValueFactory = _ => "adopt" };
        var asRoot = new Option<bool>("--as-root") { Description = "For the whole machine instead of for this user (systemd)" };
        var toOutput = new Option<bool>("--stdout") { Description = "Print the file instead of writing it" };
        var root = Root();
        var home = PmCommands.Home();
        var command = new Command("install", "Write the one file by which systemd, SysV init, OpenRC or another manager starts this one")
        {
            kind, force, stream, units, onDeath, asRoot, toOutput, root, home,
        };
        command.SetAction(parsed =>
        {
            var file = HostFile.Create(new(
                parsed.GetValue(kind)!, Environment.ProcessPath!, PmCommands.HomeOf(parsed.GetValue(home)).Path, parsed.GetValue(stream), parsed.GetValue(units),
                parsed.GetValue(onDeath)!, parsed.GetValue(asRoot)));
            if (parsed.GetValue(toOutput)) parsed.InvocationConfiguration.Output.Write(file.Text);
            else parsed.InvocationConfiguration.Error.WriteLine(file.Write(parsed.GetValue(root)!, parsed.GetValue(force)));
        });
        return command;
    }

    private static Command Remove()
    {
        var kind = Kind();
        var asRoot = new Option<bool>("--as-root") { Description = "That of the whole machine (systemd)" };
        var root = Root();
        var command = new Command("remove", "Remove the file that 'install' has written") { kind, asRoot, root };
        command.SetAction(parsed => File.Delete(HostFile.PathIn(parsed.GetValue(root)!, parsed.GetValue(kind)!, parsed.GetValue(asRoot))));
        return command;
    }

    private static Option<string> Kind()
    {
        var kind = new Option<string>("--kind") { Description = "systemd, sysv, openrc or pm", DefaultValueFactory = _ => "systemd" };
        kind.AcceptOnlyFromAmong("systemd", "sysv", "openrc", "pm");
        return kind;
    }

    private static Option<string> Root() => new("--root") { Description = "Where the machine's files begin", DefaultValueFactory = _ => "/", HelpName = "DIR" };
}
