using System.Net;

namespace Firn.Web.Access;

/// <summary>How often a wrong password may be tried: a few times a minute from one place, and some more from all.</summary>
public sealed class LoginLimit(TimeProvider clock)
{
    public const int FromOnePlace = 5, FromAll = 30;
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(1);

    private readonly Queue<(long Time, IPAddress Place)> _failures = [];

    /// <summary>Counts an attempt before it is made, so that many at once are many.</summary>
    public bool TryBegin(IPAddress from)
    {
        var place = PlaceOf(from);
        lock (_failures)
        {
            while (_failures.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.Time) >= Span) _failures.Dequeue();
            if (_failures.Count >= FromAll || _failures.Count(failure => failure.Place.Equals(place)) >= FromOnePlace) return false;
            _failures.Enqueue((clock.GetTimestamp(), place));
            return true;
        }
    }

    /// <summary>The password was right: who mistyped it before starts anew.</summary>
    public void Forget(IPAddress from)
    {
        var place = PlaceOf(from);
        lock (_failures)
        {
            var others = _failures.Where(failure => !failure.Place.Equals(place)).ToArray();
            _failures.Clear();
            foreach (var other in others) _failures.Enqueue(other);
        }
    }

    /// <summary>Of IPv6 the network: one host has as many addresses there as it likes.</summary>
    private static IPAddress PlaceOf(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (bytes.Length == 16) bytes.AsSpan(8).Clear();
        return new(bytes);
    }
}
