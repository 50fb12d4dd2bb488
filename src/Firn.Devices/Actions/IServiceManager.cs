using Firn.Devices.State;

namespace Firn.Devices.Actions;

/// <summary>Starts and stops services, and returns when it is done. Called from several threads, never twice at once for a unit.</summary>
public interface IServiceManager
{
    /// <param name="environmentFile">Where the order's environment lies, for systemd.exec(5) and shells.</param>
    ServiceResult Do(ServiceOrder order, string environmentFile);
}
