using Firn.Cli;
using Firn.Cli.Commands.Pm;
using Firn.Linux.Processes;
using Firn.Supervision.Engine;
using Firn.Supervision.Holding;

// a manager is started by its holder, stays for long, and needs no command line: it pays for none
if (args is [Holder.ManagerWord, .. var rest]) return Manager.Run(rest);
if (args is ["pm", "main", ..]) ManagerStart.BeginIfPlain(args.AsSpan(2));
if (args is not [Holder.PowerWord, var how]) return CommandTree.Run(args);
SystemReboot.End(how switch { Holder.Restart => SystemEnd.Restart, Holder.Halt => SystemEnd.Halt, _ => SystemEnd.PowerOff });
return 1;
