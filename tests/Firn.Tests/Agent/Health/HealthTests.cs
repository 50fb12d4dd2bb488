using System.Net;
using System.Net.Sockets;
using Firn.Agent.Health;
using Firn.Formats.Agents;
using Firn.Formats.Overlays;
using Firn.Machine.Updates;
using Firn.Tests.Formats;

namespace Firn.Tests.Agent.Health;

public sealed class HealthTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("command /bin/true", null)]
    [InlineData("command /bin/sh -c false", "exit code 1")]
    [InlineData("command /nonexistent", "/nonexistent")]
    [InlineData("disk / 1K", null)]
    [InlineData("disk / 999999999G", "MiB are free, expected")]
    [InlineData("disk /nonexistent/x 1K", "")]
    [InlineData("tcp 127.0.0.1:1", "refused")]
    [InlineData("http http://127.0.0.1:1/", "refused")]
    public void Each_check_says_what_is_wrong(string line, string? problem)
    {
        var result = Run(line);
        if (problem is null) Assert.IsType<HealthResult.Healthy>(result);
        else Assert.Contains(problem, Assert.IsType<HealthResult.Unhealthy>(result).Reason);
    }

    [Fact]
    public void A_web_server_is_asked_for_the_status_that_is_expected()
    {
        using var server = new TestServer(request => request.Path == "/ok" ? TestServer.Ok("fine"u8.ToArray()) : TestServer.NotFound);
        Assert.IsType<HealthResult.Healthy>(Run($"http {server.Address}ok"));
        Assert.IsType<HealthResult.Healthy>(Run($"http {server.Address}missing 404"));
        Assert.IsType<HealthResult.Healthy>(Run($"tcp {server.Address.Authority}"));
        Assert.Contains("status 404, expected 200 to 299", Assert.IsType<HealthResult.Unhealthy>(Run($"http {server.Address}missing")).Reason);
    }

    [Fact]
    public void A_check_is_asked_again_until_it_is_content()
    {
        var asked = 0;
        var patient = new BuiltInHealth("x", _ => ++asked < 3 ? "not yet" : null, retries: 3, TimeSpan.FromMilliseconds(5), TimeProvider.System);
        Assert.IsType<HealthResult.Healthy>(patient.Run(TimeSpan.FromSeconds(20)));
        Assert.Equal(3, asked);

        var hopeless = new BuiltInHealth("x", _ => "never", retries: 2, TimeSpan.FromMilliseconds(5), TimeProvider.System);
        Assert.Equal("x: never (asked 3 times)", Assert.IsType<HealthResult.Unhealthy>(hopeless.Run(TimeSpan.FromSeconds(20))).Reason);
        var late = new BuiltInHealth("x", _ => "never", retries: 1000, TimeSpan.FromSeconds(5), TimeProvider.System);
        Assert.IsType<HealthResult.Unhealthy>(late.Run(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_network_that_refuses_is_an_answer()
    {
        var unreachable = new BuiltInHealth("gateway", _ => throw new SocketException((int)SocketError.NetworkUnreachable), retries: 0, TimeSpan.Zero, TimeProvider.System);
        Assert.Contains("unreachable", Assert.IsType<HealthResult.Unhealthy>(unreachable.Run(TimeSpan.FromSeconds(20))).Reason);
    }

    [Fact]
    public void The_default_route_is_read_as_the_kernel_writes_it()
    {
        var gateway = DefaultGateway.Find(["Iface\tDestination\tGateway", "eth0\t0002000A\t00000000\t0001", "eth0\t00000000\t0202000A\t0003"]);
        Assert.Equal(IPAddress.Parse("10.0.2.2"), gateway);
        string[] arp = ["IP address HW type Flags", "10.0.2.2         0x1         0x2         52:55:0a:00:02:02     *        eth0", "10.0.2.3 0x1 0x0 00:00:00:00:00:00 * eth0"];
        Assert.True(DefaultGateway.Answers(arp, gateway!));
        Assert.False(DefaultGateway.Answers(arp, IPAddress.Parse("10.0.2.3")));
        Assert.Null(DefaultGateway.Find(["Iface", "eth0\t0002000A\t00000000\t0001"]));
    }

    [Fact]
    public void An_operator_has_his_time_and_the_guard_is_sent_away()
    {
        var guard = _scratch.File("healthy");
        var confirmed = new OperatorHealth(TimeSpan.FromMinutes(1), () => true, guard, TimeProvider.System);
        Assert.IsType<HealthResult.Healthy>(confirmed.Run(TimeSpan.Zero));
        Assert.True(File.Exists(guard));
        var nobody = new OperatorHealth(TimeSpan.FromSeconds(-1), () => false, guard, TimeProvider.System);
        Assert.Contains("nobody confirmed it", Assert.IsType<HealthResult.Unhealthy>(nobody.Run(TimeSpan.Zero)).Reason);
    }

    private static HealthResult Run(string line) => Assert.Single(BuiltInHealth.Of(
        AgentSettings.Read(NamedValues.Parse($"check={line}\ncheck.retries=0", "agent.conf"), "agent.conf"), TimeProvider.System)).Run(TimeSpan.FromSeconds(20));
}
