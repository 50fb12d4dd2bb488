using System.Diagnostics.CodeAnalysis;

namespace Firn.Images.Recipes;

internal delegate bool TryParse<T>(string text, [MaybeNullWhen(false)] out T value);

/// <summary>What a value of a recipe may be.</summary>
/// <param name="Expected">For messages: <c>a size such as 64M</c>.</param>
internal sealed record ValueKind<T>(string Expected, TryParse<T> TryParse);
