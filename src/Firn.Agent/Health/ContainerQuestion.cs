using System.Collections.Immutable;

namespace Firn.Agent.Health;

/// <summary>Whether a container runtime really starts a container. What was needed for that is gone afterwards.</summary>
/// <param name="run">A program with its arguments; null if it ended well, else what was wrong.</param>
internal sealed class ContainerQuestion(Func<string, string[], string?> run)
{
    private const string Namespace = "firn-health";

    /// <param name="arguments">Of the check: the runtime, and perhaps an image that is there.</param>
    public string? Problem(ImmutableArray<string> arguments) => (arguments[0], arguments.Length) switch
    {
        (var runtime, > 1) => run(runtime, ["run", "--rm", "--network=none", arguments[1], "/bin/true"]),
        ("containerd", _) => WithImage(Containerd),
        ("docker", _) => WithImage(Docker),
        // of this system's own files, through an overlay in its storage
        _ => run("podman", ["run", "--rm", "--network=none", "--rootfs", "/:O", "/bin/true"]),
    };

    private string? Containerd(string archive)
    {
        string[] names = ["--namespace", Namespace];
        try
        {
            return run("ctr", [.. names, "images", "import", archive])
                ?? run("ctr", [.. names, "run", "--rm", HealthImage.Name, "health"]);
        }
        finally
        {
            // one that was killed in the middle left its container
            _ = run("ctr", [.. names, "tasks", "delete", "--force", "health"]);
            _ = run("ctr", [.. names, "containers", "delete", "health"]);
            _ = run("ctr", [.. names, "images", "delete", "--sync", HealthImage.Name]);
            _ = run("ctr", ["namespaces", "remove", Namespace]);
        }
    }

    private string? Docker(string archive)
    {
        try
        {
            return run("docker", ["load", "--input", archive]) ?? run("docker", ["run", "--rm", "--network=none", HealthImage.Name]);
        }
        finally
        {
            _ = run("docker", ["rmi", "--force", HealthImage.Name]);
        }
    }

    private static string? WithImage(Func<string, string?> ask)
    {
        var directory = Directory.CreateTempSubdirectory("firn-health-");
        try
        {
            var archive = Path.Combine(directory.FullName, "image.tar");
            File.WriteAllBytes(archive, HealthImage.ToArchive());
            return ask(archive);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
