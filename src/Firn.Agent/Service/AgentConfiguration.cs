using Firn.Formats.Agents;
using Firn.Formats.Overlays;

namespace Firn.Agent.Service;

public static class AgentConfiguration
{
    /// <summary>Of the image, with what a person wrote in its place.</summary>
    /// <exception cref="InvalidDataException">One of the files is wrong.</exception>
    public static AgentSettings Read(AgentPaths paths)
    {
        var ofImage = ReadFile(paths.SettingsOfImage);
        var ofPerson = ReadFile(paths.SettingsOfPerson);
        // each by itself first: an error is named with the file it is in
        AgentSettings.Read(ofImage, paths.SettingsOfImage);
        return AgentSettings.Read(ofImage.Replaced(ofPerson), paths.SettingsOfPerson);
    }

    private static NamedValues ReadFile(string path) => File.Exists(path) ? NamedValues.Parse(File.ReadAllText(path), path) : NamedValues.None;
}
