using System.Text.Json;
using Firn.Linux;
using Firn.Linux.Events;
using Firn.Linux.Sockets;
using Firn.Supervision.Homes;

namespace Firn.Supervision.Control;

/// <summary>How a command ended.</summary>
/// <param name="Exit">What the client ends with.</param>
public sealed record ControlResult(int Exit, string Message);

/// <summary>Nobody answers at a manager's socket.</summary>
public sealed class ManagerUnreachableException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>A manager's socket is not for us.</summary>
public sealed class ManagerDeniedException(string message, Exception inner) : IOException(message, inner);

/// <summary>Gives a command to a manager and hears its answer, line by line.</summary>
public static class ControlClient
{
    /// <param name="line">Hears every line but the last.</param>
    /// <exception cref="ManagerUnreachableException">There is none, or it went away meanwhile.</exception>
    public static ControlResult Ask(PmHome home, ControlRequest request, Action<JsonElement> line)
    {
        using var socket = Open(home);
        return Ask(socket, request, line);
    }

    public static Descriptor Open(PmHome home) => Open(home.Socket, home.Path);

    /// <param name="where">For messages.</param>
    public static Descriptor Open(string path, string where)
    {
        try
        {
            return UnixSocket.Connect(path);
        }
        catch (ErrnoException error) when (error.IsDenied)
        {
            throw new ManagerDeniedException($"{where}: only root and the owner of this manager may give commands", error);
        }
        catch (ErrnoException error)
        {
            throw new ManagerUnreachableException($"{where}: no manager runs there", error);
        }
    }

    public static ControlResult Ask(Descriptor socket, ControlRequest request, Action<JsonElement> line)
    {
        for (var bytes = request.ToJson().AsSpan(); bytes.Length > 0;)
            if (socket.Send(bytes) is > 0 and var count) bytes = bytes[count..];
            else throw new ManagerUnreachableException("the manager went away");
        ControlResult? result = null;
        var lines = new LineBuffer(64 << 20);
        var buffer = new byte[16 << 10];
        while (result is null)
        {
            var count = socket.Read(buffer);
            if (count <= 0) throw new ManagerUnreachableException("the manager went away before it answered");
            lines.Add(buffer.AsSpan(0, count), text =>
            {
                using var document = JsonDocument.Parse(text);
                if (document.RootElement.TryGetProperty("exit", out var exit))
                    result = new(exit.GetInt32(), document.RootElement.TryGetProperty("message", out var message) ? message.GetString()! : "");
                else line(document.RootElement);
            }, () => throw new ManagerUnreachableException("the manager's answer is too long"));
        }
        return result;
    }
}
