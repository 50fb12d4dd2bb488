using Firn.Agent.Policy;

namespace Firn.Agent.Service;

/// <summary>The work that takes long: asking the repository, and installing what it chose.</summary>
public interface IUpdateEngine
{
    /// <exception cref="UpdateFailedException">It could not be found out.</exception>
    Task<AgentOffer> CheckAsync(CancellationToken cancellation);

    /// <summary>The next boot tries it; after a mere download, no boot does.</summary>
    /// <exception cref="UpdateFailedException">Nothing has changed for the system that runs.</exception>
    Task InstallAsync(bool isDownloadOnly, CancellationToken cancellation);
}

/// <summary>A check or an installation failed; the message is for a person.</summary>
public sealed class UpdateFailedException(string message) : Exception(message);
