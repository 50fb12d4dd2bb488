using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Firn.Agent.Service;
using Firn.Formats.Agents;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Agent.Rescue;

/// <summary>What a person can do about a machine in rescue, in lines for a screen.</summary>
public static class RescueWays
{
    /// <param name="asksItself">Whether drives and the repository are looked at without a person.</param>
    public static ImmutableArray<string> Of(MachinePaths paths, bool asksItself)
    {
        List<string> ways = [];
        if (asksItself)
        {
            ways.Add($"plug in a drive with a bundle (*.firn), a *.swu file or a repository on it: any USB drive, or a volume called {RescueDrives.Label}");
            if (Settings(paths) is { Urls: var urls }) ways.Add($"it asks {string.Join(", ", urls)}");
        }
        var addresses = Addresses();
        ways.Add(addresses.Length == 0 ? "this machine has no network address" : $"this machine is {string.Join(", ", addresses)}");
        if (Page(paths) is { Web: { } page } settings)
            ways.AddRange((page.Address.Equals(IPAddress.IPv6Any) ? addresses : [page.Address.ToString()]).Select(address =>
                $"send a file from a browser: http{(settings.WebCertificate == AgentSettings.Off ? "" : "s")}://{(address.Contains(':') ? $"[{address}]" : address)}:{page.Port}/"));
        ways.Add("logged in: firn update install FILE; firn boot set a|b; reboot");
        return [.. ways];
    }

    private static Formats.Releases.RepositorySettings? Settings(MachinePaths paths)
    {
        try
        {
            return RepositoryUpdates.SettingsOf(paths);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static AgentSettings? Page(MachinePaths paths)
    {
        try
        {
            return AgentConfiguration.Read(new(paths.Root));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static string[] Addresses()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().Where(one => one.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .SelectMany(one => one.GetIPProperties().UnicastAddresses).Select(one => one.Address)
                .Where(one => one.AddressFamily == AddressFamily.InterNetwork || one is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv6LinkLocal: false })
                .Select(one => one.ToString()).Distinct()];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}
