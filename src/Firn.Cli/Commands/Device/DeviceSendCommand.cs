using System.Collections;
using System.CommandLine;
using System.Text;
using Firn.Devices.Events;
using Firn.Devices.Watching;
using Firn.Linux.Sockets;

namespace Firn.Cli.Commands.Device;

internal static class DeviceSendCommand
{
    public static Command Create()
    {
        var words = new Argument<string[]>("event")
        {
            Description = "ACTION NODE [KEY=VALUE…]; without, the event in the environment, as a rule of udev has it: RUN+=\"/usr/bin/firn device send\"",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var socket = new Option<string>("--socket")
        {
            Description = "Where the daemon listens",
            HelpName = "PATH",
            DefaultValueFactory = _ => DaemonOptions.DefaultSocket,
        };
        var command = new Command("send", "Tell the daemon of a device") { words, socket };
        command.SetAction(parsed =>
        {
            var message = parsed.GetValue(words) is { Length: > 0 } given ? Line(given) : FromEnvironment();
            DatagramSender.Send(parsed.GetValue(socket)!, message);
        });
        return command;
    }

    private static byte[] Line(string[] words)
    {
        var line = string.Join(' ', words.Select(word => word.AsSpan().ContainsAny(" \t\n") ? $"\"{word}\"" : word));
        EventLine.Parse(line, _ => null);    // what is wrong is said here, and not in the daemon's log
        return Encoding.UTF8.GetBytes(line);
    }

    private static byte[] FromEnvironment()
    {
        var properties = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? "")).Where(pair => pair.Key is not ("PATH" or "HOME" or "PWD"));
        var sorted = DeviceMessage.Sorted(properties);
        if (!sorted.TryGetValue("ACTION", out var action) || !sorted.TryGetValue("DEVPATH", out var path))
            throw new InvalidDataException("neither an event was given nor are ACTION and DEVPATH in the environment");
        var message = DeviceMessage.Write(new(action, path, sorted));
        DeviceMessage.ParseKernel(message);
        return message;
    }
}
