using System.Runtime.ExceptionServices;

namespace Firn.Formats.SquashFs;

/// <summary>What one thread of a <see cref="WorkerPool"/> has for itself.</summary>
internal sealed class Worker(BlockCompressor compress, int bufferSize)
{
    public BlockCompressor Compress { get; } = compress;
    public byte[] Plain { get; set; } = new byte[bufferSize];
}

/// <summary>A piece of work for any thread. Its lock guards whether it is done.</summary>
internal abstract class Job
{
    internal bool IsDone { get; set; }
    internal ExceptionDispatchInfo? Failure { get; set; }

    public abstract void Run(Worker worker);
}

/// <summary>
/// Threads that run jobs in the order given, urgent ones first. Whoever gives jobs bounds how many there are, and meets
/// a job's exception when waiting for it. Disposing forgets what was not begun.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<Job> _urgent = new();
    private readonly Queue<Job> _jobs = new();
    private readonly Thread[] _threads;
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
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Returns when the job is done; throws what it threw.</summary>
    public static void Wait(Job job)
    {
        lock (job)
            while (!job.IsDone) Monitor.Wait(job);
        job.Failure?.Throw();
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
            }
            catch (Exception exception)    // thrown again where the job is waited for
            {
                job.Failure = ExceptionDispatchInfo.Capture(exception);
            }
            lock (job)
            {
                job.IsDone = true;
                Monitor.Pulse(job);
            }
        }
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
