using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using Firn.Formats.Overlays;
using Firn.Formats.Releases;
using Firn.Formats.Resets;

namespace Firn.Images.Recipes;

/// <summary>Every kind of value a recipe can have, with the words that describe it to a person.</summary>
internal static partial class ValueKinds
{
    public static ValueKind<string> Name { get; } = Where(
        "lower-case letters, digits, '.' and '-', beginning and ending with a letter or digit, such as edge-box",
        text => IsDomainName(text) && !text.Any(char.IsAsciiLetterUpper));
    public static ValueKind<string> Version { get; } = Matching(
        "up to 64 letters, digits and .-+~_ without spaces, such as 1.4.0", Versions());
    public static ValueKind<string> Hardware { get; } = Words(("x86-64", "x86-64"));
    public static ValueKind<string> Hostname { get; } = Where(
        "up to 63 letters, digits, '.' and '-', beginning and ending with a letter or digit, such as edge", IsDomainName);

    public static ValueKind<string> Suite { get; } = Matching("a suite such as bookworm", Suites());
    public static ValueKind<string> Variant { get; } = Words([.. new[] {
        "minbase", "apt", "buildd", "custom", "debootstrap", "essential", "extract", "important", "required", "standard",
    }.Select(name => (name, name))]);
    public static ValueKind<string> Package { get; } = Matching(
        "a package name such as openssh-server, optionally with =VERSION or /SUITE", Packages());
    public static ValueKind<string> Component { get; } = Matching("a component such as main", Suites());
    public static ValueKind<string> Mirror { get; } = Matching(
        "a URL, or a line of sources.list that begins with 'deb '", Mirrors());

    public static ValueKind<string> UserName { get; } = Matching(
        "up to 32 lower-case letters, digits, '_' and '-', beginning with a letter or '_'", UserNames());
    public static ValueKind<string> UserOrId { get; } = Where(
        "a name in the root filesystem, or a number", text => UserNames().IsMatch(text) || TryId(text, out _));
    public static ValueKind<string> Password { get; } = Where(
        "up to 256 characters without control characters", text => text.Length <= 256 && !text.Any(char.IsControl));
    public static ValueKind<string> PasswordHash { get; } = Matching(
        "a hash as 'openssl passwd -6' prints it ($6$…), or '*' for none", PasswordHashes());
    public static ValueKind<string> SshKey { get; } = Where(
        "the line of a .pub file, such as 'ssh-ed25519 AAAA… name'", text => text.Length <= 16384 && SshKeys().IsMatch(text));
    public static ValueKind<uint?> UserId { get; } = new("a number from 0 to 4294967293 other than 65534 and 65535", (text, out value) =>
    {
        value = TryId(text, out var id) && id is not (65534 or 65535) ? id : null;    // nobody, and -1 of 16 bits
        return value is not null;
    });

    public static ValueKind<string> KernelModule { get; } = Matching("a module name such as nvme", KernelModules());
    public static ValueKind<string> KernelVersion { get; } = Matching(
        "the name of a directory in /usr/lib/modules, such as 6.1.0-50-amd64", Versions());
    public static ValueKind<string> CommandLine { get; } = Where(
        "up to 1024 printable ASCII characters without ' and \\",
        text => text.Length <= 1024 && text.All(c => c is >= ' ' and <= '~' and not ('\'' or '\\')));
    public static ValueKind<string?> Serial { get; } = Words(
        ("ttyS0", (string?)"ttyS0"), ("ttyS1", "ttyS1"), ("ttyS2", "ttyS2"), ("ttyS3", "ttyS3"), ("off", null));

    public static ValueKind<string> Text { get; } = Where("text", text => !text.Contains('\0'));
    public static ValueKind<string> Command { get; } = Where(
        "a command of /bin/sh, up to 32768 characters", text => text.Trim().Length is > 0 and <= 32768 && !text.Contains('\0'));
    public static ValueKind<string> HostPath { get; } = Where(
        "a path, taken from the recipe's own directory", text => text.Length is > 0 and < 4096 && !text.Any(char.IsControl));
    public static ValueKind<string> LinkTarget { get; } = Where(
        "what the link points to", text => text.Length is > 0 and < 1024 && !text.Any(char.IsControl));
    public static ValueKind<TargetPath> TargetPath { get; } = new(
        "an absolute path below / without '..', such as /etc/motd", Recipes.TargetPath.TryParse);
    public static ValueKind<uint?> Mode { get; } = new("octal permissions such as \"0644\"", (text, out value) =>
    {
        value = text.Length is 3 or 4 or 5 && text.All(c => c is >= '0' and <= '7') ? Convert.ToUInt32(text, 8) : null;
        return value <= 0xfff;
    });

    public static ValueKind<bool> Boolean { get; } = Words(("true", true), ("false", false));

    /// <summary>Bytes, in whole MiB: partitions begin and end there.</summary>
    public static ValueKind<long> Size { get; } = new("a size in whole MiB such as 64M or 2G", TrySize);
    public static ValueKind<long?> SizeOrAuto { get; } = new("auto, or a size in whole MiB such as 64M or 2G", (text, out value) =>
    {
        value = TrySize(text, out var size) ? size : null;
        return value is not null || text == "auto";
    });
    public static ValueKind<int> BlockSize { get; } = Words(
        ("4K", 4 << 10), ("8K", 8 << 10), ("16K", 16 << 10), ("32K", 32 << 10), ("64K", 64 << 10),
        ("128K", 128 << 10), ("256K", 256 << 10), ("512K", 512 << 10), ("1M", 1 << 20));
    public static ValueKind<KeepPattern> KeepPattern { get; } = new(Formats.Resets.KeepPattern.Expected, (string text, [MaybeNullWhen(false)] out KeepPattern value) =>
    {
        value = Formats.Resets.KeepPattern.TryParse(text);
        return value is not null;
    });
    public static ValueKind<Persistence> Persistence { get; } = Words(
        ("data", Recipes.Persistence.Data), ("none", Recipes.Persistence.None));

    public static ValueKind<TimeSpan> Deadline { get; } = new("a time from 10s to 1d such as 90s or 5m", TryTime);
    public static ValueKind<TimeSpan?> Watchdog { get; } = new("off, or a time from 10s to 1d such as 60s", (text, out value) =>
    {
        value = TryTime(text, out var time) ? time : null;
        return value is not null || text == "off";
    });

    public static ValueKind<string> OverlaySource { get; } = Where(
        Formats.Overlays.OverlaySource.Expected, text => Formats.Overlays.OverlaySource.TryParse(text, out _));
    public static ValueKind<string> MinisignKey { get; } = Matching("a public key of minisign, the line that begins with RW", MinisignKeys());
    public static ValueKind<OverlayFailure> OverlayFailure { get; } = Words(
        ("last-good", Formats.Overlays.OverlayFailure.LastGood), ("without", Formats.Overlays.OverlayFailure.Without),
        ("rescue", Formats.Overlays.OverlayFailure.Rescue));
    public static ValueKind<string> VolumeLabel { get; } = Where(
        "up to 36 printable characters without '/' and ','", text => text.Length is > 0 and <= 36 && text.All(c => c is > ' ' and <= '~' and not ('/' or ',')));
    public static ValueKind<TimeSpan> ShortTime { get; } = new("a time from 0s to 60s", (text, out time) =>
    {
        var match = Times().Match(text);
        time = match.Success ? TimeSpan.FromSeconds(long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)) : default;
        return match is { Success: true } && match.Groups[2].Value == "s" && time <= TimeSpan.FromSeconds(60);
    });

    public static ValueKind<string> Setting { get; } = Where(
        "up to 1000 characters in one line", text => text.Trim().Length is > 0 and <= 1000 && !text.Any(char.IsControl));

    public static ValueKind<string> RepositoryUrl { get; } = Where(
        "a URL that begins with https://, http:// or file://", RepositorySettings.IsRepositoryUrl);
    public static ValueKind<string> Channel { get; } = Where(
        "up to 64 letters, digits and .-_, such as stable", RepositorySettings.IsChannel);
    public static ValueKind<string> ContainerRuntime { get; } = Words([.. Content.ContainerStorage.Names.Select(name => (name, name))]);
    public static ValueKind<string> DeviceManager { get; } = Words(("auto", "auto"), ("systemd", "systemd"), ("pm", "pm"));
    public static ValueKind<ServiceHost> ServiceHost { get; } = Words(("auto", Recipes.ServiceHost.Auto), ("systemd", Recipes.ServiceHost.Systemd), ("init", Recipes.ServiceHost.Init));
    public static ValueKind<bool> Verity { get; } = new("true, false or { on-corruption: … }", Boolean.TryParse);
    public static ValueKind<CorruptionResponse> CorruptionResponse { get; } = Words(
        ("error", Recipes.CorruptionResponse.Error), ("restart", Recipes.CorruptionResponse.Restart), ("panic", Recipes.CorruptionResponse.Panic));
    public static ValueKind<string> Proxy { get; } = Where(
        "a URL such as http://proxy.example:3128", text => Uri.TryCreate(text, UriKind.Absolute, out _));

    public static ValueKind<int> Between(int minimum, int maximum) => new($"a number from {minimum} to {maximum}", (text, out value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= minimum && value <= maximum);

    public static bool TryId(string text, out uint id) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id < uint.MaxValue - 1;

    private static ValueKind<string> Where(string expected, Func<string, bool> isRight)
    {
        return new(expected, Try);

        bool Try(string text, [MaybeNullWhen(false)] out string value)
        {
            value = text;
            return isRight(text);
        }
    }

    private static ValueKind<string> Matching(string expected, Regex pattern) => Where(expected, pattern.IsMatch);

    private static ValueKind<T> Words<T>(params (string Word, T Meaning)[] words)
    {
        var names = words.Select(pair => pair.Word).ToArray();
        var expected = names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";
        var meanings = words.ToDictionary(pair => pair.Word, pair => pair.Meaning);
        return new(expected, meanings.TryGetValue);
    }

    /// <summary>RFC 1123, section 2.1; Linux holds at most 64 characters.</summary>
    private static bool IsDomainName(string text) => text.Length <= 63 && text.Split('.').All(label =>
        label.Length > 0 && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && label[0] != '-' && label[^1] != '-');

    private static bool TrySize(string text, out long bytes) =>
        TryBytes(text, out bytes) && bytes is >= 1 << 20 and <= 1L << 50 && bytes % (1 << 20) == 0;

    private static bool TryBytes(string text, out long bytes)
    {
        bytes = 0;
        var match = Sizes().Match(text);
        if (!match.Success) return false;
        var shift = match.Groups[2].Value switch { "" => 0, "K" => 10, "M" => 20, "G" => 30, _ => 40 };
        bytes = long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) << shift;    // nine digits and 40 bits fit
        return bytes >> shift == long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static bool TryTime(string text, out TimeSpan time)
    {
        time = default;
        var match = Times().Match(text);
        if (!match.Success) return false;
        var unit = match.Groups[2].Value switch { "s" => 1, "m" => 60, "h" => 3600, _ => 86400 };
        time = TimeSpan.FromSeconds(long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * unit);
        return time >= TimeSpan.FromSeconds(10) && time <= TimeSpan.FromDays(1);
    }

    // \z and not $: a value from a block ends with a line feed, which $ would let through
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9.+~_-]{0,63}\z")]
    private static partial Regex Versions();
    [GeneratedRegex(@"^[a-z0-9][a-z0-9./-]{0,63}\z")]
    private static partial Regex Suites();
    [GeneratedRegex(@"^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?([=/][A-Za-z0-9.+:~-]+)?\z")]
    private static partial Regex Packages();
    [GeneratedRegex(@"^((https?|file|copy|ftp|tor\+https?)://?[!-~]+|deb [ -~]+)\z")]
    private static partial Regex Mirrors();
    [GeneratedRegex(@"^[a-z_][a-z0-9_-]{0,31}\z")]
    private static partial Regex UserNames();
    [GeneratedRegex(@"^(\$[0-9a-z]+\$[!-9;-~]+|[*!])\z")]
    private static partial Regex PasswordHashes();
    [GeneratedRegex(@"^([ -~]+ )?(ssh-(ed25519|rsa|dss)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) AAAA[A-Za-z0-9+/]+={0,2}( [^\p{Cc}]*)?\z")]
    private static partial Regex SshKeys();
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z")]
    private static partial Regex KernelModules();
    [GeneratedRegex(@"^([0-9]{1,9})([KMGT]?)i?B?\z")]
    private static partial Regex Sizes();
    [GeneratedRegex(@"^RW[A-Za-z0-9+/]{54}\z")]
    private static partial Regex MinisignKeys();
    [GeneratedRegex(@"^([0-9]{1,7})([smhd])\z")]
    private static partial Regex Times();
}
