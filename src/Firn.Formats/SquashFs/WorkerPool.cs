using System.Runtime.ExceptionServices;

namespace Firn.Formats.SquashFs;

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
