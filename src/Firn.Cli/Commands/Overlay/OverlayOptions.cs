using System.CommandLine;
using Firn.Formats.Overlays;
using Firn.Machine.Overlays;

namespace Firn.Cli.Commands.Overlay;

/// <summary>What several verbs about overlays take.</summary>
internal static class OverlayOptions
{
    public static Option<FileInfo?> Key() => new("--key") { Description = "Private key of X25519 of the machine it is encrypted to", HelpName = "FILE" };

    public static Option<FileInfo?> Passphrase(string description = "File whose first line opens what openssl enc encrypted") =>
        new("--passphrase-file") { Description = description, HelpName = "FILE" };

    public static Option<int> Iterations() => new("--iterations")
    {
        Description = "Of PBKDF2, as openssl enc -iter",
        HelpName = "N",
        DefaultValueFactory = _ => OpenSslCipher.DefaultIterations,
    };

    public static Option<FileInfo> Output() => new("--output", "-o") { Description = "The file to write", HelpName = "FILE", Required = true };

    public static OverlayKeys Read(FileInfo? key, FileInfo? passphrase, int iterations) =>
        new(key is null ? null : File.ReadAllText(key.FullName), passphrase is null ? null : FirstLine(passphrase), iterations);

    public static string FirstLine(FileInfo file) => File.ReadLines(file.FullName).FirstOrDefault()
        ?? throw new InvalidDataException($"{file}: is empty, and no passphrase");

    /// <summary>A file without its signature, opened.</summary>
    public static Formats.Overlays.Overlay Open(FileInfo file, OverlayKeys keys)
    {
        try
        {
            return OverlayFile.Open(OverlayText.Split(Bytes(file)).Content, keys);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{file}: {error.Message}", error);
        }
    }

    public static byte[] Bytes(FileInfo file) => file.Length <= OverlayRules.MaximumPackedBytes
        ? File.ReadAllBytes(file.FullName)
        : throw new InvalidDataException($"{file}: {file.Length} bytes are more than the {OverlayRules.MaximumPackedBytes} that an overlay may have");
}
