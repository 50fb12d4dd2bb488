using System.CommandLine;
using Firn.Dispatch.Imports;

namespace Firn.Cli.Commands.Pm;

internal static class PmImportCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "A systemd .service file, supervisord.conf, a directory of run scripts, or a Procfile" };
        var target = new Option<DirectoryInfo?>("--output", "-o") { Description = "Directory for the units (default: print them)", HelpName = "DIR" };
        var command = new Command("import", "Convert services of other supervisors to units") { source, target };
        command.SetAction(parsed =>
        {
            foreach (var unit in UnitImport.Read(parsed.GetValue(source)!))
            {
                foreach (var left in unit.NotConverted) parsed.InvocationConfiguration.Error.WriteLine($"{unit.Name}: not converted: {left}");
                if (parsed.GetValue(target) is { } directory)
                {
                    directory.Create();
                    File.WriteAllText(Path.Combine(directory.FullName, $"{unit.Name}.yaml"), unit.ToYaml());
                }
                else parsed.InvocationConfiguration.Output.WriteLine($"# {unit.Name}.yaml\n{unit.ToYaml()}");
            }
        });
        return command;
    }
}
