using System.CommandLine;
using System.CommandLine.Parsing;
using Firn.Images.VirtualMachines;

namespace Firn.Cli.Commands.Image;

/// <summary>Options that all verbs with a virtual machine share.</summary>
internal static class MachineCommandOptions
{
    public static Argument<FileInfo> Disk() => new("disk") { Description = "Disk image (raw, or *.qcow2) or block device" };

    public static Option<AcceleratorKind> Accelerator() => new("--accel")
    {
        Description = "tcg, kvm or auto (kvm where it can be opened; on some hosts guests hang with it)",
        DefaultValueFactory = _ => AcceleratorKind.Tcg,
    };

    /// <summary>Reads a value with <paramref name="parse"/>, which returns null for what is wrong.</summary>
    public static T Parse<T>(ArgumentResult result, Func<string, T?> parse, string expected) where T : struct
    {
        var text = result.Tokens[^1].Value;
        if (parse(text) is { } value) return value;
        result.AddError($"'{text}' is wrong; expected {expected}");
        return default;
    }

    /// <summary>As <see cref="Parse"/>, for an option that can be given several times.</summary>
    public static T[] ParseAll<T>(ArgumentResult result, Func<string, T?> parse, string expected) where T : struct
    {
        foreach (var token in result.Tokens.Where(token => parse(token.Value) is null))
            result.AddError($"'{token.Value}' is wrong; expected {expected}");
        return [.. result.Tokens.Select(token => parse(token.Value)).OfType<T>()];
    }
}
