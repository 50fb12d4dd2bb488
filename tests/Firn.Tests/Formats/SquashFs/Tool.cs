using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Firn.Tests.Formats.SquashFs;

/// <summary>Runs a program that judges what we wrote. A program that is missing fails the test by name.</summary>
internal static class Tool
{
    public static byte[] Run(string name, params string[] arguments)
    {
        using var process = Start(name, arguments);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{name} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.Result}");
        return output.ToArray();
    }

    public static string RunText(string name, params string[] arguments) => Encoding.Latin1.GetString(Run(name, arguments));

    private static Process Start(string name, string[] arguments)
    {
        var start = new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TZ"] = "UTC";
        start.Environment["LC_ALL"] = "C";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException($"{name} judges this test and must be installed: {exception.Message}", exception);
        }
    }
}

/// <summary>A directory for one test.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("firn-squashfs-").FullName;

    public string this[string name] => Path.Combine(_path, name);

    public string Image(byte[] bytes)
    {
        File.WriteAllBytes(this["image"], bytes);
        return this["image"];
    }

    // Not Directory.Delete: names and modes are as the image said.
    public void Dispose()
    {
        Tool.Run("chmod", "-R", "u+rwX", _path);
        Tool.Run("rm", "-r", _path);
    }
}
