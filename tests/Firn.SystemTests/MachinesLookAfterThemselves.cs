using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>The agent in machines: what it does without a person, and what looks after it.</summary>
public sealed class MachinesLookAfterThemselves
{
    private const string Route = " && busybox ip route add default via 10.0.2.2";

    [Fact, Trait("When", "Night")]
    public void A_machine_updates_itself_in_its_window_and_goes_back_by_itself()
    {
        var repository = new PublishedRepository("agent");
        var disk = TestImages.Build("tiny-agent", "tiny", Tiny("window: [daily 03:00-04:00]"));
        TestImages.TinyRelease("agent-2", text => Tiny("reboot: immediate")(text).Replace("files:\n", "files:\n  - { path: /etc/firn/health.d/50-mood, mode: \"0755\", content: \"#!/bin/sh\\n\" }\n"), version: "2");
        repository.Publish("agent-2");
        repository.Run("cp -r www first");
        TestImages.TinyRelease("agent-3", text => Tiny("reboot: immediate")(text).Replace(Route, ""), version: "3");
        repository.Publish("agent-3");
        repository.Run("mv www next && mv first www");

        Story.Passes("agent", disk, FirmwareKind.Bios);

        Func<string, string> Tiny(string settings) => text => WithAgent(text, repository, $"{settings}, check: [gateway, disk /data 10M], check.retries: 1, check.interval: 3s");
    }

    [Fact, Trait("When", "Night")]
    public void An_agent_that_hangs_is_noticed_by_the_watchdog_it_feeds()
    {
        var repository = new PublishedRepository("agent-watchdog");
        var disk = TestImages.Build("tiny-agent-watchdog", "tiny", text => WithAgent(TestImages.WithWatchdog(text), repository, "watchdog: /dev/watchdog")
            .Replace("[ -c /dev/watchdog ] && busybox watchdog -F -t 5 -T 40 /dev/watchdog &\n", ":\n")
            .Replace("{ firn update confirm --when-healthy; firn agent run; }", "{ firn agent run & firn update confirm --when-healthy; }"));    // who feeds it begins first

        Story.Passes("agent-watchdog", disk, FirmwareKind.Bios);
    }

    [Fact, Trait("When", "Night")]
    public void Systemd_runs_the_agent_and_starts_it_again_when_it_hangs()
    {
        const string recipe = "../../../examples/edge-box/recipe";
        var repository = new PublishedRepository("agent-systemd");
        string Agent(string text) => text + repository.Section + "agent: { poll: 10s, check: [gateway, units ssh.service] }\n";
        var disk = TestImages.Build("debian-agent-1", recipe, Agent);
        TestImages.Release("debian-agent-2", recipe, text => TestImages.Versioned(Agent(text), "2"));
        repository.Publish("debian-agent-2");

        Story.Passes("agent-systemd", disk, FirmwareKind.Efi);
    }

    private static string WithAgent(string text, PublishedRepository repository, string settings) => text
        .Replace("addr add 10.0.2.15/24 dev eth0", "addr add 10.0.2.15/24 dev eth0" + Route)
        .Replace("firn update confirm --when-healthy &", "{ firn update confirm --when-healthy; firn agent run; } > /run/firn/agent.log 2>&1 &")
        + repository.Section + $"agent: {{ poll: 10s, jitter: 0, {settings} }}\n";
}
