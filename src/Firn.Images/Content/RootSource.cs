using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Firn.Formats.Trees;
using Firn.Images.Building;
using Firn.Images.Recipes;

namespace Firn.Images.Content;

/// <summary>
/// Recipe → root filesystem, in the same order for every kind of source: the source itself, users, files, commands,
/// removals, and then what makes it fit for many machines (<see cref="Pristine"/>).
/// </summary>
public static class RootSource
{
    /// <summary>2026-01-01 00:00 UTC: a time that is the same in every build, when nobody gives one.</summary>
    public const long DefaultEpoch = 1767225600;

    /// <param name="workDirectory">For temporary files; all gone when the result is disposed, or when this fails.</param>
    /// <param name="cacheDirectory">Where what mmdebstrap made is kept between builds; null for nowhere.</param>
    /// <param name="step">Told what is being done.</param>
    /// <param name="epoch">Nothing in the tree will be newer; null for SOURCE_DATE_EPOCH, or <see cref="DefaultEpoch"/>.</param>
    /// <exception cref="RecipeException">The recipe does not fit the source, or one of its commands failed.</exception>
    /// <exception cref="InvalidDataException">The source is damaged, hostile, or not of its kind.</exception>
    /// <exception cref="ToolException">A program of the build machine is missing or failed.</exception>
    /// <exception cref="IOException">Something cannot be read or written.</exception>
    public static LoadedRoot Load(
        Recipe recipe, string workDirectory, string? cacheDirectory = null, Action<string>? step = null, long? epoch = null)
    {
        var spool = new SpoolArea(workDirectory);
        try
        {
            return Load(recipe, epoch ?? EnvironmentEpoch() ?? DefaultEpoch, cacheDirectory, spool, step ?? (_ => { }));
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    private static LoadedRoot Load(Recipe recipe, long epoch, string? cacheDirectory, SpoolArea spool, Action<string> step)
    {
        var inputs = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        inputs["recipe"] = recipe.Digest;
        step("read root filesystem");
        var tree = ReadSource(recipe.Source, epoch, cacheDirectory, spool, step, inputs);
        if (InstalledPackages(tree) is { } packages) inputs["packages"] = packages;

        var problems = new RecipeProblems(recipe.FileName);
        RootCustomization.Apply(tree, recipe, epoch, problems);
        tree = ChrootCommands.Run(tree, recipe, epoch, spool, step);
        RootCustomization.Finish(tree, recipe, epoch, problems);
        return new(spool)
        {
            Tree = tree,
            Epoch = epoch,
            Inputs = inputs.ToImmutable(),
            Warnings = [.. recipe.Warnings, .. problems.Warnings],
        };
    }

    private static FileTree ReadSource(
        RecipeSource source, long epoch, string? cacheDirectory, SpoolArea spool, Action<string> step,
        ImmutableSortedDictionary<string, string>.Builder inputs)
    {
        switch (source)
        {
            case RecipeSource.Tar tar:
                inputs["source"] = $"tar {TarSource.Sha256(TarSource.Open(tar.Path, spool))}";
                return TarSource.Load(tar.Path, spool, step);
            case RecipeSource.Directory directory:
                inputs["source"] = "directory";
                return DirectorySource.Load(directory.Path);
            case RecipeSource.Oci oci:
                var (tree, digest) = OciSource.Load(oci, spool, step);
                inputs["source"] = $"oci {digest}";
                return tree;
            case RecipeSource.Debian debian:
                inputs["source"] = $"debian {debian.Suite} {debian.Variant}";
                var archive = DebianSource.Make(debian, epoch, cacheDirectory, spool, step);
                try
                {
                    return TarSource.Load(archive, spool, step);
                }
                finally
                {
                    if (cacheDirectory is null) File.Delete(archive);    // what is open stays readable
                }
            default:
                throw new InvalidOperationException($"no such source: {source}");
        }
    }

    /// <summary>How many packages dpkg knows of, and a digest of their names and versions.</summary>
    private static string? InstalledPackages(FileTree tree)
    {
        if (tree.Resolve("var/lib/dpkg/status") is not { Kind: FileKind.File } status) return null;
        var packages = new SortedSet<string>(StringComparer.Ordinal);
        var (name, version) = ("", "");
        foreach (var line in Encoding.UTF8.GetString(status.Content.ReadAll()).Split('\n').Append(""))
            if (line.StartsWith("Package: ", StringComparison.Ordinal)) name = line[9..];
            else if (line.StartsWith("Version: ", StringComparison.Ordinal)) version = line[9..];
            else if (line.Length == 0 && name.Length > 0)
            {
                packages.Add($"{name}={version}");
                (name, version) = ("", "");
            }
        return packages.Count == 0 ? null : $"{packages.Count} sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', packages))))}";
    }

    /// <summary>https://reproducible-builds.org/specs/source-date-epoch</summary>
    internal static long? EnvironmentEpoch()
    {
        if (Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH") is not { Length: > 0 } text) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) && epoch <= uint.MaxValue
            ? epoch
            : throw new ToolException($"SOURCE_DATE_EPOCH is '{text}'; expected seconds since 1970");
    }
}
