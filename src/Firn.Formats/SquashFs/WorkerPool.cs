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

/// <summary>
/// Threads that run jobs in the order given, urgent ones first. Whoever gives jobs bounds how many there are. When a job
/// throws, those not begun end with the same exception. Disposing forgets them.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<Job> _urgent = new();
    private readonly Queue<Job> _jobs = new();
    private readonly Thread[] _threads;
    private ExceptionDispatchInfo? _failure;
    private bool _isStopping;

    public WorkerPool(IEnumerable<Worker> workers)
    {
        _threads = [.. workers.Select(worker => new Thread(() => Work(worker)) { IsBackground = true, Name = "squashfs" })];
        foreach (var thread in _threads) thread.Start();
    }

    public int ThreadCount => _threads.Length;

    public void Start(Job job, bool isUrgent = false)
    {
        lock (_gate)
        {
            (isUrgent ? _urgent : _jobs).Enqueue(job);
            if (_failure is not null) Abandon(_failure);
            else Monitor.Pulse(_gate);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }
        foreach (var thread in _threads) thread.Join();
    }

    private void Work(Worker worker)
    {
        while (Take() is { } job)
        {
            try
            {
                job.Run(worker);
                job.End(null);
            }
            catch (Exception exception)    // thrown again where this job, or one that is now in vain, is waited for
            {
                var failure = ExceptionDispatchInfo.Capture(exception);
                job.End(failure);
                lock (_gate) Abandon(failure);
            }
        }
    }

    private void Abandon(ExceptionDispatchInfo failure)
    {
        _failure ??= failure;
        while (_urgent.TryDequeue(out var job) || _jobs.TryDequeue(out job)) job.End(_failure);
    }

    private Job? Take()
    {
        lock (_gate)
            while (true)
            {
                if (_isStopping) return null;
                if (_urgent.TryDequeue(out var job) || _jobs.TryDequeue(out job)) return job;
                Monitor.Wait(_gate);
            }
    }
}
