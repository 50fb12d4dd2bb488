using System.Text.Json;
using Firn.Supervision.Control;
using Firn.Supervision.Homes;

namespace Firn.Cli.Commands.Pm;

/// <summary>A command and the manager it is for.</summary>
internal sealed record PmAddress(PmHome Home, ControlRequest Request)
{
    public static PmAddress Resolve(PmHome home, ControlRequest request) => new(home, request);

    public ControlResult Ask(Action<JsonElement> line) => ControlClient.Ask(Home, Request, line);
}
