using System.Runtime.ExceptionServices;

namespace Firn.Formats.SquashFs;

/// <summary>What one thread of a <see cref="WorkerPool"/> has for itself.</summary>
internal sealed class Worker(BlockCompressor compress, int bufferSize)
{
    public BlockCompressor Compress { get; } = compress;
    public byte[] Plain { get; set; } = new byte[bufferSize];
}

/// <summary>A piece of work for any thread.</summary>
internal abstract class Job
{
    private readonly object _gate = new();
    private ExceptionDispatchInfo? _failure;
    private bool _isDone;

    public abstract void Run(Worker worker);

    public void End(ExceptionDispatchInfo? failure)
    {
        lock (_gate)
        {
            (_isDone, _failure) = (true, failure);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Returns when the job is done; throws what it, or one before it, threw.</summary>
    public void Wait()
    {
        lock (_gate)
            while (!_isDone) Monitor.Wait(_gate);
        _failure?.Throw();
    }
}
