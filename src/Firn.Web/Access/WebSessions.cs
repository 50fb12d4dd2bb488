using System.Security.Cryptography;
using System.Text;

namespace Firn.Web.Access;

/// <param name="Token">What requests that change something must bring besides the cookie: other pages cannot read it.</param>
/// <param name="PasswordHash">A session ends when the password changes.</param>
public sealed record WebSession(string Token, string PasswordHash, long Begun);

/// <summary>Who has said the password, until this process ends.</summary>
public sealed class WebSessions(TimeProvider clock)
{
    public const string CookieName = "firn-session";

    private const int Most = 16, SecretBytes = 32;
    private static readonly TimeSpan Life = TimeSpan.FromHours(8);

    /// <summary>By the hash of what the cookie holds: finding one takes as long whatever was guessed.</summary>
    private readonly Dictionary<string, WebSession> _sessions = [];

    /// <param name="passwordHash">Of the password that was said.</param>
    /// <param name="isEncrypted">The browser sends the cookie over TLS alone.</param>
    /// <returns>The cookie.</returns>
    public (string Cookie, WebSession Session) Begin(string passwordHash, bool isEncrypted)
    {
        var secret = Secret();
        var session = new WebSession(Secret(), passwordHash, clock.GetTimestamp());
        lock (_sessions)
        {
            if (_sessions.Count >= Most) _sessions.Remove(_sessions.MinBy(pair => pair.Value.Begun).Key);
            _sessions.Add(KeyOf(secret), session);
        }
        return ($"{CookieName}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={(int)Life.TotalSeconds}{(isEncrypted ? "; Secure" : "")}", session);
    }

    public WebSession? Find(string? secret, string? passwordHash)
    {
        if (secret is null) return null;
        lock (_sessions)
        {
            if (!_sessions.TryGetValue(KeyOf(secret), out var session)) return null;
            if (clock.GetElapsedTime(session.Begun) < Life && session.PasswordHash == passwordHash) return session;
            _sessions.Remove(KeyOf(secret));
            return null;
        }
    }

    /// <returns>A cookie that takes the other one away.</returns>
    public string End(string? secret)
    {
        lock (_sessions)
            if (secret is not null) _sessions.Remove(KeyOf(secret));
        return $"{CookieName}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0";
    }

    private static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));

    private static string KeyOf(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
