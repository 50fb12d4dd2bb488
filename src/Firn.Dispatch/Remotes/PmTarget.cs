using System.Diagnostics;
using System.Text.Json;
using Firn.Supervision.Control;
using Firn.Supervision.Homes;

namespace Firn.Dispatch.Remotes;

/// <summary>A manager that can be asked, wherever it is.</summary>
public abstract record PmTarget
{
    private PmTarget() { }

    /// <param name="line">Hears every line but the last.</param>
    /// <exception cref="ManagerUnreachableException">Nobody answers there.</exception>
    public abstract ControlResult Ask(ControlRequest request, Action<JsonElement> line);

    public sealed record Local(PmHome Home) : PmTarget
    {
        public override ControlResult Ask(ControlRequest request, Action<JsonElement> line) => ControlClient.Ask(Home, request, line);
    }

    /// <summary>A socket of this machine behind which one of another machine is, such as <c>ssh -L</c> makes it.</summary>
    public sealed record Forwarded(string Socket) : PmTarget
    {
        public override ControlResult Ask(ControlRequest request, Action<JsonElement> line)
        {
            using var socket = ControlClient.Open(Socket, Socket);
            return ControlClient.Ask(socket, request, line);
        }
    }

    /// <summary>By way of a command that runs <c>firn pm ask</c> there, with the request as its input.</summary>
    public sealed record Elsewhere(InventoryEntry Entry) : PmTarget
    {
        public override ControlResult Ask(ControlRequest request, Action<JsonElement> line)
        {
            var command = Entry.CommandFor(["ask"]);
            var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            Process process;
            try
            {
                process = Process.Start(start)!;
            }
            catch (System.ComponentModel.Win32Exception error)
            {
                throw new ManagerUnreachableException($"{Entry.Name}: {command[0]}: {error.Message}", error);
            }
            using (process)
            {
                var errors = process.StandardError.ReadToEndAsync();
                try
                {
                    process.StandardInput.BaseStream.Write(request.ToJson());
                    process.StandardInput.Close();
                }
                catch (IOException)
                {
                    // it is gone already, and its errors say why
                }
                ControlResult? result = null;
                while (process.StandardOutput.ReadLine() is { } text)
                {
                    if (text.Length == 0) continue;
                    using var document = Parse(text);
                    if (document.RootElement.TryGetProperty("exit", out var exit))
                        result = new(exit.GetInt32(), document.RootElement.TryGetProperty("message", out var message) ? message.GetString()! : "");
                    else line(document.RootElement);
                }
                process.WaitForExit();
                return result ?? throw new ManagerUnreachableException($"{Entry.Name}: {(errors.Result.Trim() is { Length: > 0 } said ? said : $"{command[0]} ended with {process.ExitCode} and without an answer")}");
            }
        }

        private JsonDocument Parse(string text)
        {
            try
            {
                var document = JsonDocument.Parse(text);
                if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
                document.Dispose();
            }
            catch (JsonException)
            {
                // told below
            }
            throw new ManagerUnreachableException($"{Entry.Name}: its answer is none of a manager: {(text.Length > 80 ? text[..80] : text)}");
        }
    }
}
