using System.CommandLine;
using Firn.Linux.Terminals;
using Firn.Trust.Keys;

namespace Firn.Cli.Commands.Key;

/// <summary>Where a verb finds keys to sign with, and their passphrases: never on the command line.</summary>
internal sealed class KeyOptions
{
    public const string PassphraseVariable = "FIRN_PASSPHRASE_FILE";
    public const string DirectoryVariable = "FIRN_KEYS";

    private readonly Option<FileInfo[]> _keys = new("--key")
    {
        Description = "A key file to sign with; can be given several times (default: all in the key directory)",
        HelpName = "FILE",
    };

    private readonly Option<DirectoryInfo?> _directory = Directory();
    private readonly Option<FileInfo?> _passphraseFile = PassphraseFile();

    public static Option<DirectoryInfo?> Directory() => new("--keys")
    {
        Description = $"Directory of key files (default: {DirectoryVariable} in the environment, else ~/.config/firn/keys)",
        HelpName = "DIR",
    };

    public static Option<FileInfo?> PassphraseFile() => new("--passphrase-file")
    {
        Description = $"File whose first line is the passphrase (default: {PassphraseVariable} in the environment, else the terminal asks)",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Add(_keys);
        command.Add(_directory);
        command.Add(_passphraseFile);
    }

    public KeyRing Open(ParseResult parsed) => new(Find(parsed), path => Passphrase(path, parsed.GetValue(_passphraseFile)));

    /// <param name="passphrase">Of the files in <paramref name="made"/>.</param>
    /// <param name="made">Keys that were just made.</param>
    public KeyRing Open(ParseResult parsed, string? passphrase, IReadOnlySet<string> made) => new(
        Find(parsed).Where(file => !made.Contains(file.Path)).Concat(made.Select(KeyFile.Read)),
        path => made.Contains(path) ? passphrase! : Passphrase(path, parsed.GetValue(_passphraseFile)));

    private IEnumerable<KeyFile> Find(ParseResult parsed)
    {
        if (parsed.GetValue(_keys) is { Length: > 0 } files) return files.Select(file => KeyFile.Read(file.FullName));
        var directory = DirectoryOf(parsed.GetValue(_directory));
        return System.IO.Directory.Exists(directory)
            ? System.IO.Directory.EnumerateFiles(directory, $"*{KeyFile.Extension}").Order(StringComparer.Ordinal).Select(KeyFile.Read)
            : [];
    }

    public string DirectoryOf(ParseResult parsed) => DirectoryOf(parsed.GetValue(_directory));

    public static string DirectoryOf(DirectoryInfo? given)
    {
        if (given is not null) return given.FullName;
        if (Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } named) return named;
        var configuration = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } home
            ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
        return Path.Combine(configuration, "firn", "keys");
    }

    public string NewPassphrase(string name, ParseResult parsed) => NewPassphrase(name, parsed.GetValue(_passphraseFile));

    /// <summary>For a key that is about to be made; asked for twice.</summary>
    /// <exception cref="InvalidDataException">It is empty, or the second one differs.</exception>
    public static string NewPassphrase(string name, FileInfo? file)
    {
        if (FromFile(file) is { } known) return known;
        var first = Ask($"new passphrase for {name}: ");
        if (first.Length == 0) throw new InvalidDataException($"{name}: an empty passphrase; --no-passphrase makes a key without one");
        return Ask("the same again: ") == first ? first : throw new InvalidDataException($"{name}: the two passphrases differ");
    }

    public static string Passphrase(string path, FileInfo? file) => FromFile(file) ?? Ask($"passphrase of {path}: ");

    private static string? FromFile(FileInfo? given)
    {
        var path = given?.FullName ?? Environment.GetEnvironmentVariable(PassphraseVariable);
        if (string.IsNullOrEmpty(path)) return null;
        return File.ReadLines(path).FirstOrDefault() is { Length: > 0 } line
            ? line
            : throw new InvalidDataException($"{path}: its first line is the passphrase, and it is empty");
    }

    private static string Ask(string question) => SecretPrompt.Ask(question)
        ?? throw new InvalidDataException($"{question.TrimEnd(' ', ':')}: no terminal to ask on; use --passphrase-file or {PassphraseVariable}");
}
