using System.Reflection;

namespace Firn.Cli;

internal static class ProductVersion
{
    public static string Text { get; } = Assembly.GetExecutingAssembly()
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
