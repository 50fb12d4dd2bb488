using System.Collections.Concurrent;
using Firn.Devices.Actions;
using Firn.Devices.Sources;
using Firn.Devices.State;
using Firn.Devices.Watching;

namespace Firn.Tests.Devices.Watching;

/// <summary>A daemon on a small <c>/sys</c> that is told of events by its socket, with a service manager that only writes down.</summary>
internal sealed class RunningDaemon : IServiceManager, IDisposable
{
    private readonly DeviceDaemon _daemon;
    private readonly Thread _thread;
    private readonly BlockingCollection<string> _orders = [];

    public RunningDaemon(SysTree sys, string rules, EventSource source = EventSource.None)
    {
        Rules = sys["rules.yaml"];
        if (!File.Exists(Rules)) File.WriteAllText(Rules, rules);
        var options = new DaemonOptions([Rules])
        {
            Source = source,
            State = sys["state"],
            Dev = sys["dev"],
            Socket = sys["devd.sock"],
            User = "root",
        };
        Socket = options.Socket;
        Directory.CreateDirectory(options.Dev);
        _daemon = new(options, new DeviceTree(new(sys.Root), sys.UdevData), this, TimeProvider.System, Log.Add);
        using var ready = new ManualResetEventSlim();
        _thread = new(() => _daemon.Run(ready.Set)) { Name = "firn-devices" };
        _thread.Start();
        ready.Wait();
    }

    public string Rules { get; }
    public string Socket { get; }
    public ConcurrentBag<string> Log { get; } = [];
    public long Refused => _daemon.Refused;
    public void Reload() => _daemon.RequestReload();

    /// <summary>The next order, with the file of its environment; fails when none comes.</summary>
    public string NextOrder() => _orders.TryTake(out var order, TimeSpan.FromSeconds(30)) ? order : throw new TimeoutException($"no order; {string.Join("; ", Log)}");

    public bool HasOrder => _orders.Count > 0;

    public void WaitFor(Func<bool> condition)
    {
        Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(30)), string.Join("; ", Log));
    }

    public ServiceResult Do(ServiceOrder order, string environmentFile)
    {
        _orders.Add(order.ToString());
        return ServiceResult.Done;
    }

    public void Dispose()
    {
        _daemon.Stop();
        _thread.Join();
        _daemon.Dispose();
        _orders.Dispose();
    }
}
