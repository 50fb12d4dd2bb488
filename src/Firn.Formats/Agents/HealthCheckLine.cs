using System.Collections.Immutable;

namespace Firn.Formats.Agents;

/// <summary>A built-in health check as it is written: its kind, and what it is about.</summary>
public sealed record HealthCheckLine(string Kind, ImmutableArray<string> Arguments)
{
    public const string Expected =
        "'units UNIT…', 'http URL [STATUS]', 'tcp HOST:PORT', 'command /PROGRAM [ARGUMENT…]', 'disk PATH SIZE', 'time', 'gateway', 'container podman|containerd|docker' or 'container podman|docker|nerdctl IMAGE'";

    /// <summary>Null for what is none.</summary>
    public static HealthCheckLine? TryParse(string text)
    {
        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var kind, .. var arguments]) return null;
        var isRight = (kind, arguments) switch
        {
            ("units", { Length: > 0 }) => true,
            ("http", [var url, ..]) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                && (arguments.Length == 1 || arguments is [_, [>= '1' and <= '5', >= '0' and <= '9', >= '0' and <= '9']]),
            ("tcp", [var place]) => TryPlace(place, out _, out _),
            ("command", [['/', ..], ..]) => true,
            ("disk", [['/', ..], var size]) => TrySize(size, out _),
            ("time" or "gateway", []) => true,
            ("container", ["podman" or "containerd" or "docker"] or ["podman" or "docker" or "nerdctl", _]) => true,
            _ => false,
        };
        return isRight ? new(kind, [.. arguments]) : null;
    }

    /// <summary>Also <c>[::1]:80</c>.</summary>
    public static bool TryPlace(string text, out string host, out int port)
    {
        var cut = text.LastIndexOf(':');
        host = cut < 0 ? "" : text[..cut].Trim('[', ']');
        return int.TryParse(text.AsSpan(cut + 1), out port) && host.Length > 0 && port is > 0 and <= 65535;
    }

    /// <summary>Bytes, or with K, M, G in binary units.</summary>
    public static bool TrySize(string text, out long bytes)
    {
        var shift = text.Length == 0 ? 0 : text[^1] switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        var isRight = long.TryParse(shift > 0 ? text[..^1] : text, out bytes) && bytes is > 0 and < 1L << 30;
        bytes <<= shift;
        return isRight;
    }

    public bool Equals(HealthCheckLine? other) => other is not null && Kind == other.Kind && Arguments.SequenceEqual(other.Arguments);
    public override int GetHashCode() => HashCode.Combine(Kind, Arguments.Length);
}
