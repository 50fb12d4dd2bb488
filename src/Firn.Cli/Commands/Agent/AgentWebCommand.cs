using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Firn.Agent.Service;
using Firn.Formats.Agents;
using Firn.Linux.Processes;
using Firn.Machine.Boot;
using Firn.Web.Access;
using Firn.Web.Http;
using Firn.Web.Machines;
using Firn.Web.Pages;
using Firn.Web.Uploads;

namespace Firn.Cli.Commands.Agent;

internal static class AgentWebCommand
{
    public static Command Create(Wiring wiring)
    {
        var command = new Command("web", "What firn-web.service runs: the page of this machine for browsers, where agent.conf says (web)");
        command.SetAction(async (parsed, stop) =>
        {
            await Task.Yield();    // signals are heard from here on
            var output = parsed.InvocationConfiguration.Output;
            var settings = AgentConfiguration.Read(new(wiring.Paths.Root));
            if (settings.Web is not { } address)
            {
                output.WriteLine("agent.conf turns no page on (web)");
                return;
            }
            Action<string> log = line => output.WriteLine($"firn-web: {line}");
            var desk = new UploadDesk(
                Path.Combine(wiring.Paths.Data, "firn/web"), UploadDesk.ReserveBytes,
                (file, cancellation) => InstallProgram.RunAsync(Environment.ProcessPath!, file, cancellation), log, stop);
            desk.Clear();
            var certificate = WebCertificate.Open(Certificate(settings, wiring.Paths), wiring.Paths.Root, wiring.Paths.Data);
            using var listener = HttpServer.Listen(Reachable(address));
            log($"serves {listener.LocalEndpoint}{(certificate is null ? ", without TLS" : $", certificate {WebCertificate.Fingerprint(certificate.TargetCertificate)}")}");
            var view = new MachineView(wiring.BootControl(null), wiring.UpdateControl(null), wiring.Paths, Environment.ProcessPath!);
            var password = new WebPassword(Path.Combine(wiring.Paths.Root, WebPassword.FilePath));
            var page = new WebPage(view, desk, password, wiring.Clock, new(() => AgentMachine.HeldLock(settings), SystemReboot.Request), log);
            await new HttpServer(page.AnswerAsync, HttpLimits.Default, certificate).ServeAsync(listener, stop);
            await desk.Installing;
        });
        return command;
    }

    /// <summary>The rescue system has few files of the machine's own, and its page must not depend on them.</summary>
    private static string Certificate(AgentSettings settings, MachinePaths paths) =>
        RescueCauses.Read(paths) is not null && settings.WebCertificate.StartsWith('/') && !File.Exists(Path.Combine(paths.Root, settings.WebCertificate.TrimStart('/')))
            ? AgentSettings.Generated : settings.WebCertificate;

    /// <summary>A kernel without IPv6 has no address that means all of both.</summary>
    private static IPEndPoint Reachable(IPEndPoint address) =>
        address.Address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6 ? new(IPAddress.Any, address.Port) : address;
}
