namespace Firn.Agent.Rescue;

/// <summary>Something that may bring the machine back.</summary>
/// <param name="Key">Says what it is: the same thing has the same key at the next boot, too.</param>
/// <param name="Words">For people: <c>box-2.firn on sda1</c>.</param>
/// <param name="TakeAsync">Makes it boot next; <see cref="Service.UpdateFailedException"/> if it cannot.</param>
public sealed record RescueOffer(string Key, string Words, Func<CancellationToken, Task> TakeAsync);

/// <summary>Where such things come from.</summary>
public interface IRescueSource
{
    /// <summary>What is there now; quick when nothing has changed.</summary>
    /// <param name="isDue">Whether something of that key would be taken: what is not need not be looked at closely.</param>
    /// <exception cref="Service.UpdateFailedException">It cannot be found out; it will be asked again.</exception>
    Task<IReadOnlyList<RescueOffer>> LookAsync(Func<string, bool> isDue, CancellationToken stop);
}
