namespace Firn.SystemTests;

/// <summary>A repository of <c>firn repo</c>'s that machines can fetch from <c>NAME/www</c>.</summary>
internal sealed class PublishedRepository
{
    private readonly string _directory;

    public PublishedRepository(string name)
    {
        _directory = Path.Combine(TestImages.Releases, name);
        Directory.CreateDirectory(_directory);
        Run($"{Repository.MachineProgram} repo init repository --publish-to {_directory}/www --no-passphrase");
        Run($"{Repository.MachineProgram} repo delegate stable --repo repository --no-passphrase");
        Run($"{Repository.MachineProgram} repo publish --repo repository");
    }

    /// <summary>For recipes, with an address that nobody has: a scenario knows the one of its web server when it runs.</summary>
    public string Section => $"repository: {{ urls: [http://127.0.0.1:9], root: {_directory}/repository/metadata/1.root.json }}\n";

    public void Publish(string release)
    {
        Run($"{Repository.MachineProgram} repo add ../{release} --repo repository --channel stable --hardware x86-64");
        Run($"{Repository.MachineProgram} repo publish --repo repository");
    }

    public void Run(string command) => HostTool.Run("sh", "-c", $"cd {_directory}; export FIRN_KEYS={_directory}/keys; {command}");
}
