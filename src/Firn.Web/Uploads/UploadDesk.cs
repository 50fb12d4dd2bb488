using Firn.Linux.Files;
using Firn.Web.Http;

namespace Firn.Web.Uploads;

/// <summary>Takes one file at a time: onto the data partition first, then to the program that verifies and installs it.</summary>
/// <param name="directory">For files that come; what is left in it from before is removed.</param>
/// <param name="reserveBytes">Left free on that filesystem, which services of the machine need, too.</param>
/// <param name="install">Verifies and installs a file.</param>
/// <param name="stop">When the server ends.</param>
public sealed class UploadDesk(string directory, long reserveBytes, Func<string, CancellationToken, Task<InstallEnd>> install, Action<string> log, CancellationToken stop)
{
    public const long ReserveBytes = 64 << 20;

    private const int BufferBytes = 256 << 10, MagicBytes = 5, NameLimit = 120;
    private const int Refused = 3, Untrusted = 4, NothingToInstall = 5;    // exit codes of the verb, docs/reference/update.md

    private readonly Lock _lock = new();
    private Task _installing = Task.CompletedTask;

    public UploadState State { get; private set; } = UploadState.None;

    /// <summary>The longest file that can be taken now.</summary>
    public long LimitBytes
    {
        get
        {
            try
            {
                Directory.CreateDirectory(directory);
                return Math.Max(0, new DriveInfo(directory).AvailableFreeSpace - reserveBytes);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return 0;    // no data partition: the page still shows what there is
            }
        }
    }

    /// <summary>Until what was being installed is.</summary>
    public Task Installing => _installing;

    /// <summary>Takes the file; it is installed when this has returned.</summary>
    /// <exception cref="HttpProblemException">Not now, or not this one.</exception>
    /// <exception cref="IOException">It was broken off, or there is no room.</exception>
    public async Task ReceiveAsync(string name, HttpBody body, CancellationToken cancellation)
    {
        if (body.LengthBytes == 0) throw new HttpProblemException(400, "the file is empty");
        var limit = LimitBytes;
        if (body.LengthBytes > limit) throw new HttpProblemException(413, $"the file has {body.LengthBytes} bytes, and there is room for {limit}");
        var shown = new string([.. name.Where(character => !char.IsControl(character)).Take(NameLimit)]);
        Begin(new(UploadPhase.Receiving, shown, 0, body.LengthBytes, ""));
        var spooled = Path.Combine(directory, "upload");
        try
        {
            Clear();
            spooled = await SpoolAsync(spooled, body, cancellation);
        }
        catch (Exception error)
        {
            Clear();    // whatever it was: the next file can come
            End(UploadPhase.Failed, error is OperationCanceledException ? "the server ended" : error.Message);
            throw;
        }
        log($"upload: {shown}, {body.LengthBytes} bytes");
        State = State with { Phase = UploadPhase.Installing };
        _installing = InstallAsync(spooled);
    }

    public void Clear()
    {
        if (Directory.Exists(directory))
            foreach (var left in Directory.GetFiles(directory, "upload*")) File.Delete(left);
    }

    /// <returns>Where it is: a file of SWUpdate has to be called like one.</returns>
    private async Task<string> SpoolAsync(string path, HttpBody body, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        bool isSwu;
        await using (var file = new FileStream(RawFiles.Create(RawPath.From(path)), FileAccess.ReadWrite, bufferSize: 0))
        {
            while (await body.ReadAsync(buffer, cancellation) is > 0 and var count)
            {
                file.Write(buffer.AsSpan(0, count));
                State = State with { DoneBytes = file.Position };
            }
            file.Position = 0;
            isSwu = buffer.AsSpan(0, file.ReadAtLeast(buffer, MagicBytes, throwOnEndOfStream: false)).StartsWith("07070"u8);    // cpio, as a .swu file is
        }
        var final = path + (isSwu ? ".swu" : ".bundle");
        File.Move(path, final);
        return final;
    }

    private async Task InstallAsync(string file)
    {
        await Task.Yield();
        try
        {
            var end = await install(file, stop);
            Clear();    // before the end is told: then the next file may come
            var text = end.ExitCode is 0 or NothingToInstall ? end.Output : end.Problem.Replace(file, State.File, StringComparison.Ordinal);
            End(
                end.ExitCode switch { 0 => UploadPhase.Installed, Refused or Untrusted or NothingToInstall => UploadPhase.Refused, _ => UploadPhase.Failed },
                text.Length > 0 ? text : $"the installation ended with exit code {end.ExitCode}");
        }
        catch (Exception error)
        {
            Clear();
            End(UploadPhase.Failed, error is OperationCanceledException ? "the server ended; send it again" : error.Message);
        }
    }

    private void Begin(UploadState state)
    {
        lock (_lock)
        {
            if (State.IsBusy) throw new HttpProblemException(409, $"{State.File} is being {(State.Phase == UploadPhase.Receiving ? "received" : "installed")}: one at a time");
            State = state;
        }
    }

    private void End(UploadPhase phase, string text)
    {
        log($"upload: {State.File}: {phase.ToString().ToLowerInvariant()}: {InstallProgram.LastLine(text)}");
        State = State with { Phase = phase, Text = text };
    }
}
