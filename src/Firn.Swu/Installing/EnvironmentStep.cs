using Firn.Formats.Grub;
using Firn.Linux.Files;

namespace Firn.Swu.Installing;

/// <summary>
/// What <c>bootenv</c> sets, in a GRUB environment block on the data partition, which <c>grub-editenv</c> reads: all of it in one step. It is
/// not Firn's boot state, which nothing in a file from elsewhere can touch.
/// </summary>
internal sealed class EnvironmentStep(OrderedDictionary<string, string> variables, string path) : IStep
{
    public void Check(Action<string> problem, CancellationToken cancellation)
    {
        try
        {
            Merge();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or InvalidDataException)
        {
            problem($"bootenv: {error.Message}");
        }
    }

    public void Run(CancellationToken cancellation) => DurableFile.Replace(path, Merge());

    /// <summary>An empty value takes a variable away.</summary>
    private byte[] Merge()
    {
        var before = File.Exists(path) ? GrubEnvironment.Read(File.ReadAllBytes(path)).Variables : [];
        return new GrubEnvironment(before.Concat(variables).Where(one => variables.GetValueOrDefault(one.Key, one.Value).Length > 0)).ToBytes();
    }
}
