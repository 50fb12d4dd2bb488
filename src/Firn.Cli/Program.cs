using Firn.Cli;

return CommandTree.Run(args);
