using System.Globalization;
using Firn.Linux.Events;
using Firn.Linux.Processes;
using Firn.Linux.Sockets;

namespace Firn.Supervision.Holding;

/// <summary>
/// The process that stays when the manager dies: a shell that does nothing but wait, one megabyte and no code of ours
/// that could fail. It is the ancestor to whom the services fall (a subreaper), starts the manager again, and holds the
/// descriptors that must not close. It reaps only when told to: a service that ends while there is no manager stays a
/// zombie, and the next manager reads its exit code. <c>docs/decisions/0060-holder.md</c> has the reasons.
/// </summary>
public static class Holder
{
    /// <summary>The numbers under which the holder has its descriptors: orders to it, and the two ends of the store.</summary>
    public const int Orders = 3, StoreSending = 4, StoreReceiving = 5;

    /// <summary>Where the manager finds its end for orders.</summary>
    public const int ManagerOrders = 6;

    /// <summary>First word of the command line by which the holder starts the manager.</summary>
    public const string ManagerWord = "pm-manager";

    /// <summary>First word of the command line by which the holder ends the machine.</summary>
    public const string PowerWord = "pm-power";

    /// <summary>What <see cref="PowerWord"/> is to do.</summary>
    public const string Restart = "restart", PowerOff = "off", Halt = "halt";

    /// <summary>Whether it is one of these words.</summary>
    public static bool IsPower(string word) => word is Restart or PowerOff or Halt;

    /// <summary>
    /// Variables that make the runtime small and its start short; the manager takes them out of what it gives to services.
    /// What must be compiled is compiled quickly and once: nothing counts calls, so no thread wakes up to do it better.
    /// </summary>
    public static IReadOnlyList<string> RuntimeSettings { get; } =
    [
        "DOTNET_gcServer=0", "DOTNET_gcConcurrent=0", "DOTNET_TieredPGO=0", "DOTNET_GCgen0size=0x100000", "DOTNET_GCConserveMemory=7",
        "DOTNET_TC_CallCounting=0", "DOTNET_EnableDiagnostics=0",
    ];

    // $0: this program; $1: kill or adopt; the rest: arguments of the manager.
    // A read that ends means that the manager is dead, or that a signal came; the state of the process says which.
    // Whatever asks for the end is SIGTERM to the manager, and kept: one that had no ear for it yet is told once it works.
    // SIGINT is Ctrl-Alt-Del to the first process of a machine, and says nothing to a manager in the background.
    // USR1, USR2 and TERM are what halt, poweroff and reboot of busybox send; PWR is for sysvinit; 37 to 39 are systemd's SIGRTMIN+3 to +5,
    // 47 to 49 its SIGRTMIN+13 to +15, which wait for no unit.
    // SIGCHLD is blocked: dash reaps by itself whenever it gets one. Waiting for a child of its own reaps all that ended.
    private const string Script = """
        policy=$1; shift
        power= asked= machine=$5
        end() { asked=$1; kill -TERM $manager; }
        now() { [ -z "$machine" ] || "$0" pm-power "$1"; end "$1"; }
        trap 'end restart' TERM INT 39
        trap 'end off' USR2 PWR 38
        trap 'end halt' USR1 37
        trap 'now halt' 47
        trap 'now off' 48
        trap 'now restart' 49
        trap 'kill -HUP $manager' HUP
        quick=0
        alive() {
          read -r line 2>/dev/null < /proc/$manager/stat || return 1
          line=${line##*) }
          case $line in Z*|X*) return 1 ;; esac
        }
        kill_all() {
          found=
          for stat in /proc/[0-9]*/stat; do
            read -r line 2>/dev/null < "$stat" || continue
            pid=${line%% *}; line=${line##*) }
            set -- $line
            [ "$2" = $$ ] || continue
            case $1 in Z|X) continue ;; esac
            kill -KILL "$pid" && found=1
          done
          (:)
          [ -z "$found" ] || kill_all
        }
        while :; do
          last=died
          { "$0" pm-manager "$@" 3<&- & } 6>/proc/self/fd/3
          manager=$!
          while :; do
            if read -r order <&3; then
              case $order in reap) (:) ;; stable) quick=0; [ -z "$asked" ] || end $asked ;; power*) power=${asked:-${order#power }} ;; *) last=$order ;; esac
            else
              alive || break
            fi
          done
          case $last in
            exit*) [ -z "$power" ] || "$0" pm-power "$power"; exit ${last#exit } ;;
            again) continue ;;
          esac
          if [ "$policy" = kill ]; then kill_all; exit 137; fi
          quick=$((quick + 1))
          [ $quick -lt 4 ] || sleep 1
        done
        """;

    /// <summary>Becomes the holder, which starts the manager. Returns only to fail.</summary>
    /// <param name="program">This program.</param>
    /// <param name="isKill">Kills everything when the manager dies, instead of starting it again.</param>
    /// <param name="arguments">For the manager.</param>
    public static void Become(string program, bool isKill, IReadOnlyList<string> arguments)
    {
        var (read, write) = Descriptor.Pipe();
        read.Block();
        var store = DescriptorQueue.Create();
        // first to numbers out of the way: one of them could be among those that are given out
        foreach (var (descriptor, number) in ((Descriptor, int)[])[(read, 103), (store.Sending, 104), (store.Receiving, 105)])
            CurrentProcess.Pass(descriptor, number);
        CurrentProcess.Pass(new(103), Orders);
        CurrentProcess.Pass(new(104), StoreSending);
        CurrentProcess.Pass(new(105), StoreReceiving);
        foreach (var number in (int[])[103, 104, 105]) Descriptor.Inherit(number);
        GC.KeepAlive(write);
        CurrentProcess.BecomeSubreaper();
        CurrentProcess.Block(Signals.Child);
        var environment = new List<string>();
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            if (!IsOurs((string)variable.Key)) environment.Add($"{variable.Key}={variable.Value}");
        environment.AddRange(RuntimeSettings);
        CurrentProcess.Replace(
            "/bin/sh", ["/bin/sh", "-c", Script, program, isKill ? "kill" : "adopt", .. arguments], environment);
    }

    /// <summary>Whether a variable is for the manager and not for what it starts.</summary>
    public static bool IsOurs(string name) => name.StartsWith("DOTNET_", StringComparison.Ordinal) || name is "PM_UNIT" or "PM_JOB" or "PM_HOME" or "PM_COMMAND" or "NOTIFY_SOCKET";

    public static string Exit(int code) => $"exit {code.ToString(CultureInfo.InvariantCulture)}";
}
