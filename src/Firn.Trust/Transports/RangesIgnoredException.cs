namespace Firn.Trust.Transports;

/// <summary>A server sends the whole file when it is asked for a part: whoever wants parts does better to take the whole once.</summary>
public sealed class RangesIgnoredException(string message) : IOException(message);
