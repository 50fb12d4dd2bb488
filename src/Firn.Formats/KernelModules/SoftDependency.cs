using System.Collections.Immutable;

namespace Firn.Formats.KernelModules;

/// <summary>A line of <c>modules.softdep</c>: modules that are loaded with another if they are there.</summary>
/// <param name="Module">Name of the module that has the dependency.</param>
/// <param name="Before">Names, possibly aliases, of what is loaded before it.</param>
/// <param name="After">The same for what is loaded after it.</param>
public sealed record SoftDependency(string Module, ImmutableArray<string> Before, ImmutableArray<string> After);
