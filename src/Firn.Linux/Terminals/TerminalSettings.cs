using Firn.Linux.Interop;

namespace Firn.Linux.Terminals;

/// <summary>
/// How the terminal at our input was set when this was made. Disposing sets it so again, for a child that changes it
/// and may be killed before it can put it back. Where the input is no terminal, nothing happens.
/// </summary>
public sealed class TerminalSettings : IDisposable
{
    private const int StandardInput = 0;
    private readonly byte[] _settings = new byte[Libc.TerminalSettingsSize];
    private readonly bool _isTerminal;

    public TerminalSettings() => _isTerminal = Libc.GetTerminal(StandardInput, _settings) == 0;

    /// <summary>Every key comes at once and as it is, none is shown, interrupts are keys like others.</summary>
    public void MakeRaw()
    {
        if (!_isTerminal) return;
        var raw = _settings.ToArray();
        Libc.MakeRaw(raw);
        _ = Libc.SetTerminal(StandardInput, Libc.TerminalNow, raw);
    }

    public void Dispose()
    {
        // A terminal that is gone (hung up) needs no settings.
        if (_isTerminal) _ = Libc.SetTerminal(StandardInput, Libc.TerminalNow, _settings);
    }
}
