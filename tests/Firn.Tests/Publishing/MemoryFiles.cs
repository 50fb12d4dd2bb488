using Firn.Publishing.Storage;
using Firn.Trust.Transports;

namespace Firn.Tests.Trust.Publishing;

/// <summary>A disk that can lose its power: every change counts, and from the chosen one on nothing happens any more.</summary>
internal sealed class MemoryFiles : IRepositoryFiles, ITransport
{
    public sealed class PowerCutException : Exception;

    public Dictionary<string, byte[]> Content { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Changes that still happen; null for as many as there are.</summary>
    public int? ChangesLeft { get; set; }

    public string Name => "memory";

    public MemoryFiles Copy() => new() { Content = new(Content, StringComparer.Ordinal) };

    public byte[]? Read(string path) => Content.GetValueOrDefault(path);
    public Stream? Open(string path) => Read(path) is { } bytes ? new MemoryStream(bytes) : null;
    public long? SizeOf(string path) => Read(path)?.Length;
    public void Write(string path, ReadOnlySpan<byte> content) => Change(path, content.ToArray());

    public void Write(string path, Stream content)
    {
        using var copy = new MemoryStream();
        content.CopyTo(copy);
        Change(path, copy.ToArray());
    }

    public void Remove(string path) => Change(path, null);

    /// <summary>When each file was written; those that are not named were there for ever.</summary>
    public Dictionary<string, DateTimeOffset> Written { get; } = new(StringComparer.Ordinal);

    public IEnumerable<StoredFile> List() => Content.Where(entry => entry.Key.StartsWith("metadata/") || entry.Key.StartsWith("targets/"))
        .Select(entry => new StoredFile(entry.Key, entry.Value.Length, Written.GetValueOrDefault(entry.Key)));

    private void Change(string path, byte[]? content)
    {
        if (ChangesLeft == 0)
        {
            if (content is not null) Content[path + ".new"] = content[..(content.Length / 2)];    // as a whole file appears: beside, then renamed
            throw new PowerCutException();
        }
        if (ChangesLeft is not null) ChangesLeft--;
        if (content is null) Content.Remove(path);
        else Content[path] = content;
    }

    public Task<Stream?> OpenMetadataAsync(string fileName, CancellationToken cancellation) => Task.FromResult(Open($"metadata/{fileName}"));
    public Task<Stream?> OpenTargetAsync(string path, long offset, CancellationToken cancellation) => Task.FromResult(Open($"targets/{path}"));
    public void Dispose() { }
}
