namespace Firn.Dispatch.Imports;

/// <summary>Recognizes what other supervisors are configured by, and converts it.</summary>
public static class UnitImport
{
    /// <exception cref="InvalidDataException">It is nothing that is known.</exception>
    public static List<ImportedUnit> Read(string path)
    {
        if (Directory.Exists(path)) return RunDirectory.Read(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: no such file", path);
        var name = Path.GetFileName(path);
        var text = File.ReadAllText(path);
        if (name.EndsWith(".service", StringComparison.Ordinal)) return [SystemdService.Convert(Path.GetFileNameWithoutExtension(name), text)];
        if (name is "Procfile" || name.StartsWith("Procfile.", StringComparison.Ordinal)) return Procfile.Convert(text, Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (text.Contains("[program:", StringComparison.Ordinal) || text.Contains("[supervisord]", StringComparison.Ordinal))
            return SupervisordPrograms.Convert(text, Path.GetDirectoryName(Path.GetFullPath(path))!, Environment.GetEnvironmentVariable);
        throw new InvalidDataException($"{path}: expected a .service file, a file with [program:…] sections, a Procfile, or a directory with run scripts");
    }
}
