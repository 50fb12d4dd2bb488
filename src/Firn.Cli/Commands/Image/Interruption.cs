using System.Runtime.InteropServices;

namespace Firn.Cli.Commands.Image;

/// <summary>Turns Ctrl-C and the signals that ask a program to end into a cancellation, so that it can clean up.</summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>What a shell reports of a program that SIGINT ended.</summary>
    public const int ExitCode = 130;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interruption() => _registrations =
    [
        .. ((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
            .Select(signal => PosixSignalRegistration.Create(signal, Cancel)),
    ];

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        context.Cancel = true;
        _source.Cancel();
    }
}
