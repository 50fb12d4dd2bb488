using System.Collections.Immutable;
using System.Text.Json;

namespace Firn.Formats.Releases;

/// <summary>
/// Where a machine takes its releases from: <c>repository.json</c> in the image, made from the recipe, and a file of the same
/// form in <c>/etc/firn</c> that a person may put before it. What is believed is in neither: that is <see cref="RootPath"/>.
/// </summary>
/// <param name="Urls">Mirrors, in order of preference: http(s) or file URLs.</param>
/// <param name="Channel">Whose releases. Only where it is read it may be missing: it is the image's then, else <c>stable</c>.</param>
/// <param name="Proxy">To go through; null for what the environment says.</param>
/// <param name="Ca">
/// On the machine: certificates in PEM form, of which one must vouch for an https host; null for those that the system trusts.
/// </param>
public sealed record RepositorySettings(ImmutableArray<string> Urls, string Channel = "", string? Proxy = null, string? Ca = null)
{
    public const string DefaultChannel = "stable";

    /// <summary>In an image: certificates that the recipe named.</summary>
    public const string CaPath = "usr/lib/firn/ca.pem";

    /// <summary>In an image.</summary>
    public const string SettingsPath = "usr/lib/firn/repository.json";

    /// <summary>In an image: the root metadata that all trust begins with.</summary>
    public const string RootPath = "usr/lib/firn/root.json";

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ReleaseJson.Default.RepositorySettings);

    /// <param name="fileName">For messages.</param>
    /// <param name="image">Of the image, if these are a person's: its channel is theirs if they name none.</param>
    /// <exception cref="InvalidDataException">Not settings.</exception>
    public static RepositorySettings Read(ReadOnlySpan<byte> json, string fileName, RepositorySettings? image = null)
    {
        RepositorySettings settings;
        try
        {
            settings = JsonSerializer.Deserialize(json, ReleaseJson.Default.RepositorySettings)
                ?? throw new InvalidDataException($"{fileName} is null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{fileName}: {error.Message}", error);
        }
        if (settings.Channel.Length == 0) settings = settings with { Channel = image?.Channel ?? DefaultChannel };
        if (settings.Urls.IsDefaultOrEmpty) throw new InvalidDataException($"{fileName}: urls must name at least one repository");
        foreach (var url in settings.Urls)
            if (!IsRepositoryUrl(url)) throw new InvalidDataException($"{fileName}: '{url}' is no http, https or file URL");
        if (!IsChannel(settings.Channel)) throw new InvalidDataException($"{fileName}: '{settings.Channel}' is no name for a channel");
        if (settings.Proxy is { } proxy && !Uri.TryCreate(proxy, UriKind.Absolute, out _))
            throw new InvalidDataException($"{fileName}: proxy '{proxy}' is no URL");
        if (settings.Ca is { } ca && !ca.StartsWith('/')) throw new InvalidDataException($"{fileName}: ca '{ca}' is no path that begins with /");
        return settings;
    }

    public static bool IsRepositoryUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https" or "file");

    /// <summary>A channel is a role and a directory of the repository.</summary>
    public static bool IsChannel(string text) =>
        text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
        && char.IsAsciiLetterOrDigit(text[0]) && text is not ("root" or "timestamp" or "snapshot" or "targets");
}
