using System.Xml.Linq;

namespace Firn.Tests;

public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> AllowedArrows = new()
    {
        ["Firn.Formats"] = [],
        ["Firn.Linux"] = [],
        ["Firn.Images"] = ["Firn.Formats", "Firn.Linux"],
        ["Firn.Trust"] = ["Firn.Formats", "Firn.Linux"],
        ["Firn.Publishing"] = ["Firn.Formats", "Firn.Linux", "Firn.Trust"],
        ["Firn.Machine"] = ["Firn.Formats", "Firn.Linux", "Firn.Trust"],
        ["Firn.Agent"] = ["Firn.Formats", "Firn.Linux", "Firn.Machine"],
        ["Firn.Settings"] = ["Firn.Formats", "Firn.Linux", "Firn.Machine"],
        ["Firn.Swu"] = ["Firn.Formats", "Firn.Linux", "Firn.Machine"],
        ["Firn.Web"] = ["Firn.Formats", "Firn.Linux", "Firn.Machine"],
        ["Firn.Devices"] = ["Firn.Formats", "Firn.Linux"],
        ["Firn.Supervision"] = ["Firn.Formats", "Firn.Linux"],
        ["Firn.Dispatch"] = ["Firn.Formats", "Firn.Linux", "Firn.Supervision"],
        ["Firn.Cli"] =
        [
            "Firn.Agent", "Firn.Devices", "Firn.Dispatch", "Firn.Formats", "Firn.Linux", "Firn.Images", "Firn.Machine",
            "Firn.Publishing", "Firn.Settings", "Firn.Supervision", "Firn.Swu", "Firn.Trust", "Firn.Web",
        ],
    };

    [Fact]
    public void Projects_reference_only_what_the_map_allows()
    {
        var projects = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.Equal(AllowedArrows.Keys.Order(), projects.Select(Path.GetFileNameWithoutExtension).Order()!);

        foreach (var project in projects)
        {
            var references = XDocument.Load(project).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
            Assert.Empty(references.Except(AllowedArrows[Path.GetFileNameWithoutExtension(project)]));
        }
    }

    [Fact]
    public void Calls_into_the_kernel_and_C_libraries_live_in_Linux_only()
    {
        var strays = SourceFiles().Where(file => !file.Contains("/Firn.Linux/"))
            .Where(file => File.ReadAllText(file) is var text && (text.Contains("LibraryImport") || text.Contains("DllImport")));
        Assert.Empty(strays);
    }

    [Fact]
    public void Feature_folders_are_one_level_deep()
    {
        var tooDeep = SourceFiles()
            .Select(file => Path.GetRelativePath(Path.Combine(Repository.Root, "src"), file).Split('/'))
            .Where(parts => parts.Length > (parts[0] == "Firn.Cli" ? 4 : 3));
        Assert.Empty(tooDeep.Select(parts => string.Join('/', parts)));
    }

    private static IEnumerable<string> SourceFiles() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories);
}
