namespace Firn.Linux.Processes;

/// <summary>A program of the host that Firn calls by name, and the Debian package that has it.</summary>
public sealed record HostTool(string Name, string DebianPackage)
{
    /// <summary>The program's full path.</summary>
    /// <exception cref="FileNotFoundException">It is not in PATH; the message names the package to install.</exception>
    public string Locate() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, Name))
            .FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException(
            $"{Name}: not found in PATH; on Debian: apt-get install {DebianPackage}", Name);
}
