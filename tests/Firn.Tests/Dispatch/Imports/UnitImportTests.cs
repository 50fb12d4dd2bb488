using Firn.Dispatch.Files;
using Firn.Dispatch.Imports;
using Firn.Supervision.Units;

namespace Firn.Tests.Dispatch.Imports;

public sealed class UnitImportTests
{
    [Fact]
    public void A_systemd_service_becomes_a_unit_and_what_does_not_is_listed()
    {
        var unit = SystemdService.Convert("web", """
            [Unit]
            Description=A web server
            After=network.target database.service
            Requires=database.service
            [Service]
            Type=notify
            ExecStartPre=-/bin/mkdir -p /run/web
            ExecStart=/usr/bin/web --port 80 \
              --verbose
            Environment="MODE=fast now" OTHER=1
            Restart=on-failure
            RestartSec=2s
            User=web
            LimitNOFILE=4096
            ProtectSystem=strict
            [Install]
            WantedBy=multi-user.target
            """);

        Assert.Equal(["[Unit] After=network.target database.service", "[Service] ProtectSystem=strict"], unit.NotConverted);
        Assert.Equal("""
            description: A web server
            after:
              - database
            requires:
              - database
            startPre:
              - "-/bin/mkdir -p /run/web"
            run: /usr/bin/web --port 80 --verbose
            environment:
              MODE: fast now
              OTHER: 1
            restart: on-failure
            restartDelay: 2s
            user: web
            limits:
              openFiles: 4096
            ready: notify

            """, unit.ToYaml());
        Judge(unit);
    }

    [Fact]
    public void Programs_of_supervisord_become_units()
    {
        var units = SupervisordPrograms.Convert("[supervisord]\nnodaemon=true\n[program:a]\ncommand=/bin/a --x ; a comment\nautorestart=true\nstartsecs=3\nstopsignal=INT\nenvironment=A=\"1\",B=2\nkillasgroup=true\n[program:b]\ncommand=/bin/b %(process_num)d\nnumprocs=2\n[program:c]\ncommand=%(here)s/c %%h %(program_name)s\nuser=%(ENV_WHO)s\n", "/srv", _ => null);

        Assert.Equal(["a", "b-0", "b-1", "c"], units.Select(unit => unit.Name));
        Assert.Equal("environment:\n  A: 1\n  B: 2\nrun: /bin/a --x\nrestart: always\nstopSignal: INT\nready: settle(3s)\nstartLimit: 4\nstartLimitWindow: 28s\n", units[0].ToYaml());
        Assert.Empty(units[0].NotConverted);
        Assert.Contains("/bin/b 1", units[2].ToYaml(), StringComparison.Ordinal);
        Assert.Equal("/srv/c %%h c", units[3].Properties.Value("exec.run"));
        Assert.Equal(["[program:c] user=%(ENV_WHO)s"], units[3].NotConverted);
        units.ForEach(Judge);
    }

    [Fact]
    public void Words_of_systemd_for_places_instances_and_codes_are_ours_and_others_are_listed()
    {
        var unit = SystemdService.Convert("sync@", "[Service]\nLimitNOFILE=10\nExecStart=-/bin/sync %I %t/x %%d\nOOMScoreAdjust=5\nLimitCORE=0\nSuccessExitStatus=3 DATAERR TEMPFAIL SIGHUP\nWorkingDirectory=%h\n");

        Assert.Equal(["[Service] ExecStart=-/bin/sync %I %t/x %%d: that it may fail", "[Service] WorkingDirectory=%h"], unit.NotConverted);
        Assert.StartsWith("limits:\n  openFiles: 10\n  oomScoreAdjust: 5\n  core: 0\nrun: \"/bin/sync %i /run/x %d\"\nsuccessCodes: 3 65 75 SIGHUP\n", unit.ToYaml(), StringComparison.Ordinal);
        Judge(unit);
    }

    /// <summary>Some dozens, of Debian's packages that are here.</summary>
    [Fact]
    public void Every_service_of_this_machine_becomes_a_unit()
    {
        var services = Directory.GetFiles("/usr/lib/systemd/system", "*.service").Where(file => new FileInfo(file).LinkTarget is null).ToArray();
        Assert.NotEmpty(services);
        foreach (var file in services)
            if (UnitImport.Read(file)[0] is var unit && unit.Properties.Value("exec.run") is not null) Judge(unit);
    }

    /// <summary>All that its documentation names, and a file without a program of its own.</summary>
    [Fact]
    public void The_sample_of_supervisord_becomes_a_unit()
    {
        const string Sample = "/usr/share/doc/supervisor/examples/sample.conf";
        var text = string.Join('\n', File.ReadAllLines(Sample).Select(line => line.StartsWith(";[", StringComparison.Ordinal) || (line.StartsWith(';') && line.Contains("  ; ")) ? line[1..] : line));

        var unit = Assert.Single(SupervisordPrograms.Convert(text, "/etc", _ => null));

        Assert.Equal("theprogramname", unit.Name);
        Assert.Equal(["[eventlistener:theeventlistenername]", "[program:theprogramname] stdout_logfile=/a/path"], unit.NotConverted.Where(left => !left.Contains("maxbytes") && !left.Contains("backups")));
        Judge(unit);
        Assert.Throws<InvalidDataException>(() => SupervisordPrograms.Convert(File.ReadAllText(Sample), "/etc", _ => null));
    }

    /// <summary>Those of Debian's packages that are here.</summary>
    [Fact]
    public void Every_run_directory_of_this_machine_becomes_a_unit()
    {
        var places = ((string[])["/etc/sv", "/usr/share/runit/sv"]).Where(place => Directory.Exists(place) && Directory.GetFiles(place, "run", SearchOption.AllDirectories).Length > 0).ToArray();
        Assert.NotEmpty(places);
        foreach (var place in places) UnitImport.Read(place).ForEach(Judge);
    }

    [Fact]
    public void Run_directories_and_Procfiles_become_units()
    {
        var directory = Directory.CreateTempSubdirectory("pm-import-").FullName;
        try
        {
            Directory.CreateDirectory($"{directory}/web");
            File.WriteAllText($"{directory}/web/run", "#!/bin/sh\n");
            File.WriteAllText($"{directory}/web/notification-fd", "3\n");
            File.WriteAllText($"{directory}/web/down", "");
            File.WriteAllText($"{directory}/Procfile", "web: serve -p $PORT\n# no\nworker: A=b work | tee x\n");

            var service = Assert.Single(UnitImport.Read(directory));
            var processes = UnitImport.Read($"{directory}/Procfile");

            Assert.Equal(("fd:3", "false", "always"), (service.Properties.Value("ready"), service.Properties.Value("enabled"), service.Properties.Value("restart")));
            Assert.Equal(("/bin/sh -c 'exec serve -p $PORT'", "5000", directory), (processes[0].Properties.Value("exec.run"), processes[0].Properties.Value("environment.PORT"), processes[0].Properties.Value("directory")));
            Assert.Equal(("/bin/sh -c 'A=b work | tee x'", "5100"), (processes[1].Properties.Value("exec.run"), processes[1].Properties.Value("environment.PORT")));
            processes.ForEach(Judge);
            Judge(service);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Our own reader takes it, and makes the same of it.</summary>
    private static void Judge(ImportedUnit unit)
    {
        var units = new SortedDictionary<string, UnitProperties>(StringComparer.Ordinal);
        var problems = new List<UnitProblem>();
        UnitFile.Read(unit.ToYaml(), "f", unit.Name, units, problems);
        Assert.Empty(problems);
        Assert.Equal(unit.Properties.ToString().Split('\n').Order(), units[unit.Name].ToString().Split('\n').Order());
    }
}
