using Firn.Devices.State;
using Firn.Linux.Files;

namespace Firn.Devices.Actions;

/// <summary>Carries an order out with what belongs to it: the environment in a file, and the symbolic link below <c>/dev</c>.</summary>
/// <param name="dev"><c>/dev</c>.</param>
public sealed class OrderRunner(IServiceManager manager, string stateDirectory, string dev)
{
    public string EnvironmentFile(string unit) => Path.Combine(stateDirectory, "env", unit);

    public ServiceResult Do(ServiceOrder order)
    {
        var file = EnvironmentFile(order.Target.Unit);
        try
        {
            if (order.Verb != ServiceVerb.Stop)
            {
                PrivateFile.Replace(file, string.Concat(order.Target.Environment.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Quote)));
                Link(order.Target);
            }
            var result = manager.Do(order, file);
            if (order.Verb != ServiceVerb.Stop || result.Problem is not null) return result;
            File.Delete(file);
            Unlink(order.Target);
            return result;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new(error.Message);
        }
    }

    /// <summary>As both systemd.exec(5) and a shell read it: in double quotes, with <c>\</c> before what means something there.</summary>
    private static string Quote(string line)
    {
        var at = line.IndexOf('=');
        return $"{line[..at]}=\"{string.Concat(line[(at + 1)..].Select(c => c is '"' or '\\' or '$' or '`' ? $"\\{c}" : $"{c}"))}\"\n";
    }

    private void Link(ServiceTarget target)
    {
        if (target is not { Symlink: { } name, Node: { } node }) return;
        var path = Path.Combine(dev, name);
        if (new FileInfo(path) is { Exists: true, LinkTarget: null }) throw new IOException($"{path}: is something else than a symbolic link; left alone");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var beside = path + ".firn-new";
        File.Delete(beside);
        File.CreateSymbolicLink(beside, node);
        RawFiles.Rename(RawPath.From(beside), RawPath.From(path));
    }

    private void Unlink(ServiceTarget target)
    {
        if (target is not { Symlink: { } name, Node: { } node }) return;
        var path = Path.Combine(dev, name);
        if (new FileInfo(path).LinkTarget == node) File.Delete(path);    // else another device has it by now
    }
}
