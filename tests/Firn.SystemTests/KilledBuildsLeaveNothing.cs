using System.Diagnostics;
using Firn.Cli;

namespace Firn.SystemTests;

/// <summary>A build that is killed, whenever, leaves no image, no other file and no cache entry that is wrong.</summary>
public sealed class KilledBuildsLeaveNothing : IDisposable
{
    private const int Kills = 25;
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Killing_image_squash_at_random()
    {
        // given a tree that takes a while, and how long that is
        Directory.CreateDirectory(_directory["tree"]);
        Directory.CreateDirectory(_directory["out"]);
        var random = new Random(1);
        for (var i = 0; i < 400; i++)
            File.WriteAllLines(_directory[$"tree/{i}"], Enumerable.Range(0, 1000).Select(_ => $"{random.NextInt64():x} {i}"));
        var began = TimeProvider.System.GetTimestamp();
        using (var whole = Start(_directory["expected"], null)) whole.WaitForExit();
        var took = TimeProvider.System.GetElapsedTime(began);

        // when builds are killed at random
        for (var kill = 0; kill < Kills; kill++)
        {
            using var build = Start(_directory["out/image"], _directory["cache"]);
            if (!build.WaitForExit(took * random.NextDouble())) build.Kill();
            build.WaitForExit();

            // then there is no image or a whole one, and nothing else
            var left = Directory.GetFileSystemEntries(_directory["out"]);
            if (build.ExitCode == 0) Assert.Single(left);
            foreach (var file in left)
            {
                Assert.Equal(File.ReadAllBytes(_directory["expected"]), File.ReadAllBytes(file));
                Assert.Equal("image", Path.GetFileName(file));
                File.Delete(file);
            }
        }

        // and the cache is good, and serves
        Assert.Equal(0, CommandTree.Run(["cache", "verify", "--cache", _directory["cache"]]));
        using (var last = Start(_directory["out/image"], _directory["cache"])) last.WaitForExit();
        Assert.Equal(File.ReadAllBytes(_directory["expected"]), File.ReadAllBytes(_directory["out/image"]));
        Assert.Empty(Directory.EnumerateFiles(_directory["cache"], "*.partial", SearchOption.AllDirectories));
    }

    private Process Start(string image, string? cache)
    {
        string[] arguments = [typeof(ExitCode).Assembly.Location, "image", "squash", _directory["tree"], image, "--level", "12"];
        var start = new ProcessStartInfo("dotnet", cache is null ? arguments : [.. arguments, "--cache", cache])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }
}
