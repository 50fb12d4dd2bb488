namespace Firn.Trust.Client;

/// <param name="AcceptsStale">
/// Goes on with a timestamp and a snapshot whose time is over. Only for media that were carried by hand, and only a person
/// can know that; older than what was believed before is refused all the same.
/// </param>
public sealed record RefreshOptions(bool AcceptsStale)
{
    public static RefreshOptions Default { get; } = new(AcceptsStale: false);
}
