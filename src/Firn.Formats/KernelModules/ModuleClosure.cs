using System.Collections.Immutable;

namespace Firn.Formats.KernelModules;

/// <summary>Modules that are wanted, and all they need.</summary>
/// <param name="Modules">Sorted by path.</param>
/// <param name="BuiltIn">Wanted names that the kernel itself has, perhaps besides a module, sorted.</param>
/// <param name="Missing">Wanted names that this kernel does not have, sorted.</param>
public sealed record ModuleClosure(
    ImmutableArray<KernelModule> Modules, ImmutableArray<string> BuiltIn, ImmutableArray<string> Missing);
