namespace Firn.Machine.Boot;

/// <summary>
/// What was asked does not fit the state the machine is in: nothing was changed, and the message says what would help.
/// </summary>
public sealed class RefusedException(string message) : Exception(message);
