using Firn.Linux.Events;
using Firn.Linux.Sockets;

namespace Firn.Supervision.Holding;

/// <summary>Named descriptors that outlive the manager, because the holder has the queue they are in.</summary>
public sealed class DescriptorStore
{
    private const int MostMessages = 100;

    private readonly DescriptorQueue? _queue;
    private readonly Dictionary<string, Descriptor> _kept = [];
    private int _messages;

    /// <param name="queue">Null when there is no holder: nothing is kept.</param>
    public DescriptorStore(DescriptorQueue? queue)
    {
        _queue = queue;
        if (queue is null) return;
        foreach (var (text, descriptors) in queue.Peek())
        {
            _messages++;
            var names = text.Split('\n');
            for (var i = 0; i < descriptors.Count; i++)
                if (i >= names.Length || names[i].Length == 0 || !_kept.TryAdd(names[i], descriptors[i])) descriptors[i].Dispose();
        }
    }

    /// <summary>What an earlier manager kept under a name; null if nothing. It stays in the store.</summary>
    public Descriptor? Find(string name) => _kept.GetValueOrDefault(name);

    public IReadOnlyCollection<string> Names => _kept.Keys;

    public void Keep(string name, Descriptor descriptor)
    {
        _kept[name] = descriptor;
        if (_queue is null) return;
        if (_messages >= MostMessages) Compact();
        else if (_queue.TryAdd(name, [descriptor])) _messages++;
        else Compact();
    }

    public void Forget(string name)
    {
        if (_kept.Remove(name) && _queue is not null) Compact();
    }

    /// <summary>Everything once more at the end, in few messages, and only then the old ones away: dying between is harmless.</summary>
    private void Compact()
    {
        var old = _messages;
        var added = 0;
        var names = new List<string>();
        var descriptors = new List<Descriptor>();
        foreach (var (name, descriptor) in _kept)
        {
            names.Add(name);
            descriptors.Add(descriptor);
            if (descriptors.Count == DescriptorQueue.MostInMessage) Flush();
        }
        if (descriptors.Count > 0) Flush();
        _queue!.Drop(old);
        _messages = added;

        void Flush()
        {
            if (_queue!.TryAdd(string.Join('\n', names), descriptors)) added++;
            names.Clear();
            descriptors.Clear();
        }
    }
}
