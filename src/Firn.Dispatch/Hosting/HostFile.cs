using Firn.Supervision.Units;

namespace Firn.Dispatch.Hosting;

/// <param name="Kind">systemd, sysv, openrc or pm.</param>
/// <param name="Program">This program.</param>
/// <param name="IsForMachine">Of the whole machine, not of a user.</param>
public sealed record HostRequest(string Kind, string Program, string Home, string? InitStream, string? Units, string OnManagerDeath, bool IsForMachine);

/// <summary>The one file by which another init system runs a manager.</summary>
/// <param name="Path">Where it belongs, from the root of the machine's files.</param>
public sealed record HostFile(string Path, string Text, bool IsProgram)
{
    public static HostFile Create(HostRequest request)
    {
        List<string> words = [request.Program, "pm", "main", "--home", request.Home, "--on-manager-death", request.OnManagerDeath];
        if (request.InitStream is not null) words.AddRange(["--init-stream", request.InitStream]);
        if (request.Units is not null) words.AddRange(["--units", request.Units]);
        var command = CommandWords.Join(words);
        return new(PathOf(request.Kind, request.IsForMachine), request.Kind switch
        {
            "systemd" => Systemd(request, command),
            "sysv" => SysV(request, command),
            "openrc" => OpenRc(request, words),
            _ => $"description: a manager of its own in {request.Home}\nrun: {command}\nready: notify\nrestart: always\nstopTimeout: 2m\n",
        }, request.Kind is "sysv" or "openrc");
    }

    public static string PathIn(string root, string kind, bool isForMachine) => $"{root.TrimEnd('/')}{PathOf(kind, isForMachine)}";

    /// <returns>What to do next.</returns>
    /// <exception cref="IOException">There is such a file, or it cannot be written.</exception>
    public string Write(string root, bool isForced)
    {
        var path = root.TrimEnd('/') + Path;
        if (File.Exists(path) && !isForced) throw new IOException($"{path}: is there already; --force replaces it");
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, Text);
        if (IsProgram) Firn.Linux.Files.RawFiles.SetMode(Firn.Linux.Files.RawPath.From(path), 0x1ed);
        return $"{path}: written";
    }

    private static string PathOf(string kind, bool isForMachine) => kind switch
    {
        "systemd" when isForMachine => "/etc/systemd/system/firn-pm.service",
        "systemd" => $"{Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") ?? $"{Environment.GetEnvironmentVariable("HOME")}/.config"}/systemd/user/firn-pm.service",
        "pm" => "/etc/firn/pm/pm.yaml",
        _ => "/etc/init.d/firn-pm",
    };

    // The holder sends the readiness for its manager (NotifyAccess), and stays when that dies: with adopt systemd must
    // leave the services alone when it restarts the holder. It puts the new one into a control group that must not give
    // controllers to others then: they are taken away (from within .control, where it runs commands after the end), and the
    // next manager gives them again.
    private const string TakeControllers =
        """
        ExecStopPost=-/bin/sh -c 'find "$$(sed -n "s|^0::\(.*\)/[.]control$$|/sys/fs/cgroup\1|p" /proc/self/cgroup)" -depth -name cgroup.subtree_control | while read -r file; do for name in $$(cat "$$file"); do echo "-$$name" > "$$file"; done; done'

        """;

    private static string Systemd(HostRequest request, string command) => $"""
        [Unit]
        Description=Firn process manager

        [Service]
        Type=notify
        NotifyAccess=all
        ExecStart={command}
        ExecReload={request.Program} pm upgrade --home {request.Home}
        {(request.OnManagerDeath == "adopt" ? TakeControllers : "")}KillMode={(request.OnManagerDeath == "adopt" ? "process" : "control-group")}
        Delegate=yes
        Restart=always
        RestartForceExitStatus=60
        TimeoutStopSec=120
        LimitNOFILE=524288

        [Install]
        WantedBy={(request.IsForMachine ? "multi-user.target" : "default.target")}

        """;

    private static string SysV(HostRequest request, string command) => $"""
        #!/bin/sh
        ### BEGIN INIT INFO
        # Provides:          firn-pm
        # Required-Start:    $local_fs
        # Required-Stop:     $local_fs
        # Default-Start:     2 3 4 5
        # Default-Stop:      0 1 6
        # Short-Description: Firn process manager
        ### END INIT INFO
        case "$1" in
          start) {request.Program} pm list --home {request.Home} >/dev/null 2>&1 || setsid {command} </dev/null >/dev/null 2>&1 & ;;
          stop) {request.Program} pm shutdown --home {request.Home} ;;
          restart|force-reload) "$0" stop; "$0" start ;;
          reload) {request.Program} pm upgrade --home {request.Home} ;;
          status) {request.Program} pm list --home {request.Home} ;;
          *) echo "usage: $0 start|stop|restart|reload|status" >&2; exit 2 ;;
        esac

        """;

    private static string OpenRc(HostRequest request, List<string> words) => $$"""
        #!/sbin/openrc-run
        name="Firn process manager"
        command="{{words[0]}}"
        command_args="{{CommandWords.Join(words[1..])}}"
        command_background=true
        pidfile="/run/firn-pm.pid"
        extra_started_commands="reload"

        depend() {
            need localmount
        }

        reload() {
            {{request.Program}} pm upgrade --home {{request.Home}}
        }

        stop() {
            {{request.Program}} pm shutdown --home {{request.Home}}
        }

        """;
}
