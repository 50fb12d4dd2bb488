using System.Collections.Immutable;
using Firn.Publishing.Storage;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Drafts;

/// <summary>
/// A change of several files that must happen as a whole: written down as one file first, then done, and done again by
/// whoever comes next if that was stopped.
/// </summary>
/// <param name="Files">What each must hold; null removes it.</param>
internal sealed record PendingChange(ImmutableSortedDictionary<string, byte[]?> Files)
{
    private const int CurrentFormat = 1;

    public void Apply(IRepositoryFiles files)
    {
        files.Write(RepositoryPaths.Pending, ToBytes());
        Finish(files);
    }

    /// <summary>Nothing happens if nothing was left undone.</summary>
    /// <exception cref="InvalidDataException">What is written down is damaged.</exception>
    public static void Finish(IRepositoryFiles files)
    {
        if (files.Read(RepositoryPaths.Pending) is not { } bytes) return;
        foreach (var (path, content) in Read(bytes, $"{files.Name}/{RepositoryPaths.Pending}").Files)
            if (content is null) files.Remove(path);
            else if (files.Read(path)?.AsSpan().SequenceEqual(content) != true) files.Write(path, content);
        files.Remove(RepositoryPaths.Pending);
    }

    private byte[] ToBytes() => new JsonBuilder
    {
        { "format", CurrentFormat },
        { "files", JsonObject.Of(Files.Select(entry => new JsonMember(entry.Key, entry.Value is { } content ? Convert.ToBase64String(content) : new JsonValue.Null()))) },
    }.Build().ToFileBytes();

    /// <exception cref="InvalidDataException">No change that was written down.</exception>
    internal static PendingChange Read(ReadOnlySpan<byte> bytes, string subject)
    {
        try
        {
            var fields = new JsonFields(JsonParser.ParseObject(bytes), "");
            if (fields.Integer("format") is var format and not CurrentFormat) throw new InvalidDataException($"format is {format}, this firn understands {CurrentFormat}");
            return new(fields.Object("files").ToImmutableSortedDictionary(member => PathOf(member.Name), member => ContentOf(member), StringComparer.Ordinal));
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            throw new InvalidDataException($"{subject}: {error.Message}", error);
        }
    }

    private static string PathOf(string name) =>
        name == RepositoryPaths.Staged || (name.StartsWith($"{RepositoryPaths.Metadata}/", StringComparison.Ordinal) && name.Count(c => c == '/') == 1)
            ? name
            : throw new InvalidDataException($"files['{name}'] is no file that changes");

    private static byte[]? ContentOf(JsonMember member) => member.Value switch
    {
        JsonValue.Text text => Convert.FromBase64String(text.Value),
        JsonValue.Null => null,
        _ => throw new InvalidDataException($"files['{member.Name}'] must be a text or null"),
    };
}
