namespace Firn.Formats.Overlays;

public enum OverlaySourceKind
{
    /// <summary><c>label:LABEL/PATH</c>: a file on whichever volume or partition has that label, such as a USB drive.</summary>
    Label,

    /// <summary><c>data:/PATH</c>: on the data partition.</summary>
    Data,

    /// <summary><c>esp:/PATH</c>: on the EFI system partition this system was started from.</summary>
    Esp,

    /// <summary><c>btrfs:[LABEL]/PATH</c>: a file, or a directory of files as it is, from the top of a btrfs volume.</summary>
    Btrfs,

    /// <summary><c>http://…</c>, <c>https://…</c>.</summary>
    Url,

    /// <summary><c>dns:NAME</c>: TXT records.</summary>
    Dns,

    /// <summary><c>efi:NAME</c>: a variable of the firmware, <c>NAME-GUID</c> as efivarfs has it.</summary>
    Efi,

    /// <summary><c>fw_cfg:NAME</c>: what QEMU was given as <c>-fw_cfg name=NAME,file=…</c>.</summary>
    FwCfg,

    /// <summary><c>repository:PATH</c>: a target of the repository that the image was made for.</summary>
    Repository,
}

/// <summary>Where an overlay may come from.</summary>
/// <param name="Which">The label; empty where there is none.</param>
/// <param name="Path">A path with a leading slash, a URL, or a name.</param>
public sealed record OverlaySource(OverlaySourceKind Kind, string Which, string Path)
{
    public const string Expected =
        "label:LABEL/PATH, data:/PATH, esp:/PATH, btrfs:[LABEL]/PATH, an http or https URL, dns:NAME, efi:NAME-GUID, fw_cfg:NAME or repository:PATH";

    /// <summary>Whether it needs an address and a way out.</summary>
    public bool NeedsNetwork => Kind is OverlaySourceKind.Url or OverlaySourceKind.Dns or OverlaySourceKind.Repository;

    public static bool TryParse(string text, out OverlaySource source)
    {
        source = new(default, "", "");
        var cut = text.IndexOf(':');
        if (cut <= 0 || text.Length > 1000 || text.Any(c => c is <= ' ' or > '~' or ',' or '\'' or '"' or '\\')) return false;
        var rest = text[(cut + 1)..];
        OverlaySource? found = text[..cut].ToLowerInvariant() switch
        {
            "label" => InVolume(OverlaySourceKind.Label, rest) is { Which.Length: > 0 } labelled ? labelled : null,
            "btrfs" => InVolume(OverlaySourceKind.Btrfs, rest),
            "data" => InVolume(OverlaySourceKind.Data, rest) is { Which: "" } data ? data : null,
            "esp" => InVolume(OverlaySourceKind.Esp, rest) is { Which: "" } esp ? esp : null,
            "http" or "https" => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Host.Length > 0 ? new(OverlaySourceKind.Url, "", text) : null,
            "dns" => Named(OverlaySourceKind.Dns, rest),
            "efi" => Named(OverlaySourceKind.Efi, rest),
            "fw_cfg" => Named(OverlaySourceKind.FwCfg, rest),
            "repository" => Named(OverlaySourceKind.Repository, rest),
            _ => null,
        };
        source = found ?? source;
        return found is not null;
    }

    public override string ToString() => Kind switch
    {
        OverlaySourceKind.Url => Path,
        OverlaySourceKind.FwCfg => $"fw_cfg:{Path}",
        _ => $"{Kind.ToString().ToLowerInvariant()}:{Which}{Path}",
    };

    private static OverlaySource? InVolume(OverlaySourceKind kind, string text)
    {
        var cut = text.IndexOf('/');
        return cut >= 0 && cut < text.Length - 1 && !text.Split('/').Contains("..") ? new(kind, text[..cut], text[cut..]) : null;
    }

    private static OverlaySource? Named(OverlaySourceKind kind, string name) =>
        name.Length > 0 && !name.Split('/').Contains("..") && name[0] != '/' ? new(kind, "", name) : null;
}
