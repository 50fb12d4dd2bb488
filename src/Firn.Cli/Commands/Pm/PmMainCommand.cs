using System.CommandLine;
using Firn.Dispatch.Files;
using Firn.Dispatch.Plans;
using Firn.Linux.Files;
using Firn.Supervision.Units;

namespace Firn.Cli.Commands.Pm;

internal static class PmMainCommand
{
    public static Command Create()
    {
        var units = new Option<string[]>("--units") { Description = "Files or directories of units to begin with", HelpName = "PATH" };
        var stream = new Option<FileInfo?>("--init-stream") { Description = "A file of commands to begin with, a line each", HelpName = "FILE" };
        var onDeath = new Option<string>("--on-manager-death")
        {
            Description = "What happens to the units when the manager is killed: adopt (it is started again and goes on with them) or kill",
            DefaultValueFactory = _ => "adopt",
        };
        onDeath.AcceptOnlyFromAmong("adopt", "kill");
        var parallel = new Option<int>("--max-parallel") { Description = "How many units start at once (default: two for each processor)", HelpName = "N", CustomParser = WholeNumber.ParsePositive };
        var group = new Option<uint?>("--allow-group") { Description = "Number of a group whose members may give commands, too", HelpName = "GID" };
        var isFirst = new Option<bool>("--init") { Description = "It is the first process of a machine: the signals of busybox, sysvinit and systemd switch it off, halt or restart it" };
        var home = PmCommands.Home();
        var command = new Command("main", "Run a manager in the foreground") { units, stream, onDeath, parallel, group, isFirst, home };
        command.SetAction(parsed =>
        {
            var place = PmCommands.HomeOf(parsed.GetValue(home));
            place.Prepare();
            if (parsed.GetValue(units) is { Length: > 0 } paths)
            {
                var problems = new List<UnitProblem>();
                var wanted = UnitFile.Read(paths, problems);
                if (problems.Count > 0) wanted = parsed.GetValue(isFirst) ? WhatIsRight(paths, problems) : throw new UnitException(problems);
                // a manager that is at work there gets commands, and no files behind its back
                using var free = FileLock.TryTake(place.Lock);
                if (free is not null) Deployment.Place(place, wanted);
            }
            return new ManagerStart(place)
            {
                IsKill = parsed.GetValue(onDeath) == "kill",
                InitStream = parsed.GetValue(stream)?.FullName ?? "",
                MaxParallel = $"{parsed.GetValue(parallel)}",
                AllowGroup = $"{parsed.GetValue(group)}",
                IsFirst = parsed.GetValue(isFirst),
            }.Begin();
        });
        return command;
    }

    /// <summary>A machine without its first process would stop: files that are wrong are told of, and the others count.</summary>
    internal static SortedDictionary<string, UnitProperties> WhatIsRight(string[] paths, List<UnitProblem> problems)
    {
        foreach (var problem in problems) Console.Error.WriteLine($"pm: {problem}");
        return UnitFile.Read(UnitFile.FilesOf(paths).Where(file => problems.All(problem => problem.File != file)), []);
    }
}
