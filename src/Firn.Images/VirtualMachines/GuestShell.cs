using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Firn.Images.VirtualMachines;

/// <summary>The shell on a machine's serial console.</summary>
internal sealed partial class GuestShell(SerialConsole console, double timeScale)
{
    private const int RepeatLimit = 10;
    private static readonly TimeSpan FirstKnockInterval = TimeSpan.FromSeconds(1), LastKnockInterval = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan QuietBeforeRepeat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PromptPatience = TimeSpan.FromSeconds(5);

    /// <summary>Longer than a login takes to ask for the password: an empty line then would be the password.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(15);

    /// <summary>The boot whose shell has answered: after the next one, somebody else is there.</summary>
    private long? _knownBoot;

    /// <summary>
    /// Logs in; <paramref name="bootStart"/> is where the present boot's text begins, and the prompt can be.
    /// </summary>
    /// <exception cref="VirtualMachineException">No prompt, a wrong password, or no shell after it.</exception>
    public void Login(string user, string? password, long bootStart, Deadline deadline, CancellationToken cancellation)
    {
        _knownBoot = null;
        AwaitLoginPrompt(bootStart, deadline, cancellation);
        console.SkipToEnd();
        console.SendLine(user);
        var isPasswordSent = false;
        while (true)
        {
            var answer = console.TryWaitFor(LoginAnswer, deadline.Within(AnswerPatience * timeScale), cancellation);
            if (answer is null)
            {
                if (deadline.IsOver) throw new VirtualMachineException($"login {user}: neither a shell nor a question came within {deadline}");
                console.SendLine("");    // a prompt that a message of the kernel has pushed away comes again
            }
            else if (answer.Groups["shell"].Success) break;
            else if (answer.Groups["refused"].Success) throw new VirtualMachineException($"login {user}: refused");
            else if (answer.Groups["login"].Success) console.SendLine(user);
            else if (password is null) throw new VirtualMachineException($"login {user}: asks for a password, and none was given");
            else if (isPasswordSent) throw new VirtualMachineException($"login {user}: the password was not taken");
            else
            {
                console.SendLine(password);
                isPasswordSent = true;
            }
        }
        Knock(deadline, () => null, cancellation);
        _knownBoot = bootStart;
        console.SkipToEnd();
    }

    /// <summary>
    /// Runs a command in a shell of its own (sh -c), with empty input. <paramref name="interruption"/> says what has
    /// happened to the machine that ends all hope for an answer.
    /// </summary>
    /// <exception cref="VirtualMachineException">There is no shell, the time is over, or the machine restarted.</exception>
    public CommandResult Run(
        string command, long bootStart, Deadline deadline, Func<string?> interruption, CancellationToken cancellation)
    {
        if (_knownBoot != bootStart) Knock(deadline, interruption, cancellation);
        _knownBoot = bootStart;
        var nonce = NewNonce();
        var lines = ShellCommand.Lines(command, nonce);
        foreach (var line in lines[..^1])
        {
            var asked = console.BytesEnd;
            console.SendLine(line);
            console.WaitUntil(() => Mark(nonce, asked, interruption), deadline, $"expected the shell to take: {ShellCommand.Shorten(command)}", cancellation);
        }
        var start = console.BytesEnd;
        console.SendLine(lines[^1]);
        try
        {
            return AwaitReply(command, nonce, start, deadline, interruption, cancellation);
        }
        catch (VirtualMachineException) when (deadline.IsOver && console.IsOn)
        {
            _knownBoot = null;
            console.Send("\x03");    // whatever still runs is in the way of the next command
            throw;
        }
    }

    private CommandResult AwaitReply(
        string command, string nonce, long start, Deadline deadline, Func<string?> interruption, CancellationToken cancellation)
    {
        for (var repeat = 0; repeat < RepeatLimit; repeat++)
        {
            if (repeat > 0)
            {
                (nonce, start) = (NewNonce(), console.BytesEnd);
                console.SendLine(ShellCommand.Repeat(nonce));
            }
            var reply = console.WaitUntil(
                () => Settled(start, nonce, interruption), deadline, $"expected an answer to: {ShellCommand.Shorten(command)}", cancellation);
            if (reply is ShellReply.Unable unable)
                throw new VirtualMachineException(
                    $"the guest cannot keep a command's output (it needs a writable /tmp or /dev, and md5sum): {unable.Text.Trim()}");
            if (reply is not ShellReply.Complete complete) continue;
            MoveBehind(nonce);
            return complete.Result;
        }
        throw new VirtualMachineException($"other messages fell into the answer {RepeatLimit} times: {ShellCommand.Shorten(command)}");
    }

    /// <summary>A reply to act upon; one whose last mark was cut up, and will never come, is one, too.</summary>
    private ShellReply? Settled(long start, string nonce, Func<string?> interruption)
    {
        var reply = ShellReply.Read(console.BytesFrom(start), nonce);
        if (reply is ShellReply.Complete) return reply;
        if (interruption() is { } what) throw new VirtualMachineException($"while a command ran, {what}");
        return reply is ShellReply.Pending || (reply is ShellReply.Begun && console.Quiet < QuietBeforeRepeat * timeScale)
            ? null : reply;
    }

    private void MoveBehind(string nonce)
    {
        var text = console.TextFrom(console.Position);
        var mark = text.LastIndexOf($"@{nonce}:e:", StringComparison.Ordinal);
        var line = mark < 0 ? -1 : text.IndexOf('\n', mark);
        if (line < 0) console.SkipToEnd();
        else console.Position = console.Position + line + 1;
    }

    /// <summary>
    /// A prompt that is there already counts. One that messages have pushed away is asked for again with an empty line.
    /// </summary>
    private void AwaitLoginPrompt(long bootStart, Deadline deadline, CancellationToken cancellation)
    {
        while (console.TryWaitUntil(PromptAtEnd, deadline.Within(PromptPatience * timeScale), Expectation, cancellation) is null)
        {
            if (deadline.IsOver) throw new VirtualMachineException($"{Expectation}, which did not come within {deadline}");
            if (LoginPrompt.IsMatch(console.TextFrom(bootStart))) console.SendLine("");
        }
        string? PromptAtEnd() => LoginPromptAtEnd.IsMatch(console.LastLines(1)) ? "" : null;
    }

    private const string Expectation = "expected a login prompt";

    /// <summary>Types until the shell answers: what is typed before it is there may be lost.</summary>
    private void Knock(Deadline deadline, Func<string?> interruption, CancellationToken cancellation)
    {
        const string expectation = "expected a shell that answers";
        var (nonce, start) = (NewNonce(), console.BytesEnd);
        for (var interval = FirstKnockInterval; !deadline.IsOver; interval = interval < LastKnockInterval ? 2 * interval : interval)
        {
            console.SendLine(ShellCommand.Knock(nonce));
            if (console.TryWaitUntil(() => Mark(nonce, start, interruption), deadline.Within(interval * timeScale), expectation, cancellation) is not null)
                return;
        }
        throw new VirtualMachineException($"{expectation}, which did not come within {deadline}");
    }

    private string? Mark(string nonce, long start, Func<string?> interruption)
    {
        var mark = Encoding.ASCII.GetBytes($"@{nonce}");
        if (console.BytesFrom(start).AsSpan().IndexOf(mark) >= 0) return nonce;
        return interruption() is { } what ? throw new VirtualMachineException($"before the shell answered, {what}") : null;
    }

    private static string NewNonce() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 10);

    [GeneratedRegex(@"(?<password>[Pp]assword:)|(?<refused>[Ll]ogin incorrect)|(?<login>login: *\z)|(?<shell>[#$%>] ?\z)")]
    private static partial Regex LoginAnswer { get; }

    [GeneratedRegex(@"login: *\z")]
    private static partial Regex LoginPromptAtEnd { get; }

    [GeneratedRegex("login:")]
    private static partial Regex LoginPrompt { get; }
}
