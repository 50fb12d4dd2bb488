using Firn.Linux.Files;

namespace Firn.Publishing.Drafts;

/// <summary>One at a time. Cron and a person meet, and most verbs take less than a second: two are waited for.</summary>
internal static class RepositoryLock
{
    private const int Attempts = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <exception cref="RepositoryRefusedException">Someone else holds it.</exception>
    public static FileLock Take(string directory, string name, string whyNot) => Take(path => FileLock.TryTake(path), directory, name, whyNot);

    /// <summary>Leaves nothing in the directory.</summary>
    /// <exception cref="RepositoryRefusedException">Someone else holds it.</exception>
    public static FileLock TakeVanishing(string directory, string name, string whyNot) => Take(FileLock.TryTakeVanishing, directory, name, whyNot);

    private static FileLock Take(Func<string, FileLock?> tryTake, string directory, string name, string whyNot)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (tryTake(Path.Combine(directory, name)) is { } taken) return taken;
            if (attempt == Attempts) throw new RepositoryRefusedException($"{directory}: {whyNot}");
            Thread.Sleep(Pause);
        }
    }
}
