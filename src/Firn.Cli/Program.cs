using Firn.Cli;
using Firn.Supervision.Engine;
using Firn.Supervision.Holding;

// a manager is started by its holder, stays for long, and needs no command line: it pays for none
return args is [Holder.ManagerWord, .. var rest] ? Manager.Run(rest) : CommandTree.Run(args);
