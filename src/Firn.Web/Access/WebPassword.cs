using Firn.Linux.Accounts;

namespace Firn.Web.Access;

/// <summary>The one password of the page: a file with its hash, which an image, an overlay or a person brings.</summary>
public sealed class WebPassword(string path)
{
    /// <summary>Longer ones are no passwords.</summary>
    public const int LimitBytes = 1024;

    public const int LeastCharacters = 8;

    /// <summary>On a machine.</summary>
    public const string FilePath = "etc/firn/web.password";

    /// <summary>As crypt(3) makes it; null if there is none, so that nobody is let in.</summary>
    public string? Hash => File.Exists(path) && File.ReadLines(path).FirstOrDefault()?.Trim() is { Length: > 0 } hash ? hash : null;

    public static bool IsRight(string password, string hash) => password.Length > 0 && !password.Contains('\0') && PasswordHash.Verify(password, hash);
}
