using System.Diagnostics;

namespace Firn.SystemTests;

/// <summary>
/// Services of other supervisors, converted by <c>firn pm import</c>: a program that writes down what it was given is run by the
/// original and by <c>firn pm</c>, and has to say the same both times.
/// </summary>
public sealed class ImportsRunAsBefore : IDisposable
{
    /// <summary>Words, directory, user with all groups, mask, and variables, without those that say who manages it.</summary>
    private const string Stamp = """
        #!/bin/sh
        name=$1
        {
          for word in "$@"; do printf '[%s]\n' "$word"; done
          readlink /proc/self/cwd; id; umask
          tr '\0' '\n' < /proc/$$/environ | grep -vE '^(STAMPS|SUPERVISOR_.*|PM_.*|NOTIFY_SOCKET|DOTNET_.*|PWD|OLDPWD|SHLVL|_|RUBY.*|FOREMAN.*)=' | sort
        } > "$STAMPS/.$name"
        mv "$STAMPS/.$name" "$STAMPS/$name"
        echo "said by $name"
        exec sleep 1000
        """;

    private readonly TemporaryDirectory _directory = new();

    public ImportsRunAsBefore()
    {
        Write("stamp", Stamp, isProgram: true);
        foreach (var name in (string[])["before", "after"]) Directory.CreateDirectory(At(name));
        HostTool.Run("chmod", "-R", "a+rwX", _directory["."]);
        HostTool.Run("chmod", "a+rx", _directory["."]);
    }

    [Fact]
    public void Programs_of_supervisord()
    {
        HostTool.RequireRoot();
        Write("conf.d/more.conf", $"[program:included]\ncommand={At("stamp")} included %(here)s\n");
        Write("supervisord.conf", $$"""
            ; all programs of a machine
            [supervisord]
            nodaemon=true
            logfile={{At("supervisord.log")}}
            pidfile={{At("supervisord.pid")}}
            childlogdir={{At("before")}}
            environment=COMMON="for, all",MODE="slow"
            [program:plain]
            command={{At("stamp")}} plain 'two words' "say \"hi\" a\nb" back\\slash 100%% %%n # not this
            environment=MODE="fast",LIST="1,2;3",
              HERE=%(here)s/x
            directory = /usr
            autorestart: true
            redirect_stderr=true        ; into one file
            [program:someone]
            command={{At("stamp")}} someone %(ENV_COMMON)s "%(program_name)s of %(group_name)s"
            user=nobody
            umask=077
            stdout_logfile=NONE
            stderr_logfile=NONE
            [program:many]
            command={{At("stamp")}} many%(process_num)02d %(process_num)d of %(numprocs)d
            process_name=%(program_name)s_%(process_num)02d
            numprocs=2
            numprocs_start=3
            [group:all]
            programs=someone,plain
            [include]
            files = conf.d/*.conf
            """);

        Compare(["plain", "someone", "many03", "many04", "included"], "supervisord", "-n", "-c", At("supervisord.conf"));

        Assert.Contains("said by plain", Log("plain"), StringComparison.Ordinal);
        Assert.Equal("", Log("someone"));
    }

    [Fact]
    public void Run_directories_of_runit()
    {
        HostTool.RequireRoot();
        Write("sv/web/run", $"#!/bin/sh\nexec 2>&1\nexec chpst -u nobody -e ./env {At("stamp")} web \"$0\" 'a b'\n", isProgram: true);
        Write("sv/web/env/COLOUR", "green\nnot this\n");
        AddEnders("sv");

        Compare(["web", "coded", "killed"], "runsvdir", At("sv"));
    }

    [Fact]
    public void Service_directories_of_s6()
    {
        HostTool.RequireRoot();
        Write("s6/web/run", $"#!/bin/sh\nexec s6-setuidgid nobody s6-envdir env {At("stamp")} web 'a b'\n", isProgram: true);
        Write("s6/web/env/COLOUR", "green");
        Write("s6/ready/run", $"#!/bin/sh\necho >&3\nexec 3>&-\nexec {At("stamp")} ready\n", isProgram: true);
        Write("s6/ready/notification-fd", "3\n");
        AddEnders("s6");
        foreach (var name in (string[])["coded", "killed"]) Write($"s6/{name}/timeout-finish", "5000\n");

        Compare(["web", "ready", "coded", "killed"], "s6-svscan", At("s6"));
    }

    [Fact]
    public void Processes_of_a_Procfile()
    {
        HostTool.RequireRoot();
        Write(".env", "# settings\nMODE=fast\nGREETING=\"hello  world\"\nQUEUED='a  b'\nPORT=6000\nEMPTY=\nOPEN=it's\n");
        Write("Procfile", $"""
            # what runs
            web: {At("stamp")} web -p $PORT "two words" --mode=$MODE "$GREETING" $(basename /x/y)
            worker:   QUEUE=high {At("stamp")} worker "$QUEUED"
            clock: cd /usr && {At("stamp")} clock 'it'"'s" \$HOME 100% %n
            plain-one: {At("stamp")} plain-one a b

            """);

        Compare(["web", "worker", "clock", "plain-one"], "foreman", "start", "-e", At(".env"), "-f", At("Procfile"));
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>One that ends with a code, and one that ends by a signal; what runs after them writes down what it is told, the number of a group apart.</summary>
    private void AddEnders(string directory)
    {
        foreach (var (name, end) in (Span<(string, string)>)[("coded", "exit 3"), ("killed", "kill -KILL $$")])
        {
            Write($"{directory}/{name}/run", $"#!/bin/sh\n[ ! -e \"$STAMPS/{name}\" ] || exec sleep 1000\nsleep 0.1\n{end}\n", isProgram: true);
            Write($"{directory}/{name}/finish", $"#!/bin/sh\n[ ! -e \"$STAMPS/{name}\" ] || exit 0\necho \"$1 $2 $3\" > \"$STAMPS/.{name}\"\nmv \"$STAMPS/.{name}\" \"$STAMPS/{name}\"\n", isProgram: true);
        }
    }

    /// <summary>Runs all with the original, and then what was made of it.</summary>
    private void Compare(string[] names, string original, params string[] arguments)
    {
        var firn = Path.Combine(AppContext.BaseDirectory, "firn");
        Run("before", original, arguments, () => Wait("before", names), "-TERM");
        var problems = HostTool.Run(firn, "pm", "import", arguments[^1], "--output", At("units"));
        Assert.DoesNotContain("not converted", problems.Replace("supervisord", ""), StringComparison.Ordinal);
        HostTool.Run(firn, "pm", "check", At("units"));
        Run("after", firn, ["pm", "main", "--home", At("home"), "--units", At("units")], () => Wait("after", names), "-TERM");
        foreach (var name in names) Assert.Equal(File.ReadAllText(At($"before/{name}")), File.ReadAllText(At($"after/{name}")));
    }

    private void Run(string stamps, string program, string[] arguments, Action act, string signal)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "cd /; umask 022; exec \"$0\" \"$@\"", program, .. arguments])
        {
            Environment = { ["STAMPS"] = At(stamps) },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            act();
        }
        finally
        {
            // runsvdir ends what it runs for SIGHUP only
            HostTool.TryRun("kill", program == "runsvdir" ? "-HUP" : signal, $"{process.Id}");
            if (!process.WaitForExit(TimeSpan.FromSeconds(60))) process.Kill(entireProcessTree: true);
        }
    }

    private void Wait(string stamps, string[] names)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(60); Thread.Sleep(50))
            if (Array.TrueForAll(names, name => File.Exists(At($"{stamps}/{name}")))) return;
        Assert.Fail($"{stamps}: missing: {string.Join(' ', names.Where(name => !File.Exists(At($"{stamps}/{name}"))))}");
    }

    private string Log(string unit) => File.Exists(At($"home/log/{unit}/current")) ? File.ReadAllText(At($"home/log/{unit}/current")) : "";

    private string At(string path) => _directory[path];

    private void Write(string path, string text, bool isProgram = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
        if (isProgram) HostTool.Run("chmod", "755", At(path));
    }
}
