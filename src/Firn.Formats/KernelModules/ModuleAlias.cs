namespace Firn.Formats.KernelModules;

/// <summary>A line of <c>modules.alias</c>: another name of a module, or a pattern of the hardware it drives.</summary>
/// <param name="Pattern">With <c>*</c>, <c>?</c> and <c>[…]</c> as in fnmatch(3).</param>
/// <param name="Module">Name of the module.</param>
public sealed record ModuleAlias(string Pattern, string Module)
{
    private readonly ModuleGlob _glob = new(Pattern);

    public bool Matches(string name) => _glob.Matches(KernelModule.Normalise(name));
}
