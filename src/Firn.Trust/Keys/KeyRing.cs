namespace Firn.Trust.Keys;

/// <summary>Keys at hand. Each is opened, and its passphrase asked for, when it is first used.</summary>
/// <param name="files">Of which no two need be of different keys.</param>
/// <param name="passphrase">For the file at a path.</param>
public sealed class KeyRing(IEnumerable<KeyFile> files, Func<string, string> passphrase) : IDisposable
{
    private readonly List<KeyFile> _files = [.. files];
    private readonly Dictionary<string, ISigner> _open = [];

    public IReadOnlyList<KeyFile> Files => _files;

    /// <summary>The key that metadata describes, ready to sign; null if it is not at hand.</summary>
    public ISigner? Find(PublicKey key)
    {
        var id = key.Id;
        if (_open.TryGetValue(id, out var signer)) return signer;
        if (_files.FirstOrDefault(file => IdOf(file) == id) is not { } found) return null;
        return _open.TryGetValue(id, out signer) ? signer : _open[id] = Open(found);
    }

    /// <summary>How people call a key; null if it is not at hand.</summary>
    public string? NameOf(PublicKey key) => key.Id is var id ? _files.FirstOrDefault(file => file.PublicKey?.Id == id)?.Name : null;

    /// <summary>Key files by others may not say which key they hold before they are opened.</summary>
    private string IdOf(KeyFile file)
    {
        if (file.PublicKey is { } known) return known.Id;
        var signer = Open(file);
        _files[_files.IndexOf(file)] = file with { PublicKey = signer.PublicKey };
        _open[signer.KeyId] = signer;
        return signer.KeyId;
    }

    private ISigner Open(KeyFile file) => file.Open(() => passphrase(file.Path));

    public void Dispose()
    {
        foreach (var signer in _open.Values.OfType<IDisposable>()) signer.Dispose();
    }
}
