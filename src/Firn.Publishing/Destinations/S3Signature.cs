using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Firn.Publishing.Destinations;

/// <param name="AccessKeyId">Public.</param>
/// <param name="SecretAccessKey">Never sent.</param>
/// <param name="SessionToken">Of temporary credentials; null for others.</param>
public sealed record S3Credentials(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    /// <summary>From <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c> and <c>AWS_SESSION_TOKEN</c>.</summary>
    /// <exception cref="InvalidDataException">They are not set.</exception>
    public static S3Credentials FromEnvironment(Func<string, string?> environment) => new(
        Required("AWS_ACCESS_KEY_ID", environment), Required("AWS_SECRET_ACCESS_KEY", environment), environment("AWS_SESSION_TOKEN"));

    private static string Required(string name, Func<string, string?> environment) =>
        environment(name) is { Length: > 0 } value ? value : throw new InvalidDataException($"{name}: not set in the environment, and S3 asks for it");

    /// <summary>Nothing that prints this prints the secret.</summary>
    public override string ToString() => AccessKeyId;
}

/// <summary>AWS Signature Version 4 for one request, in the header; "Authenticating Requests: AWS Signature Version 4".</summary>
internal static class S3Signature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Service = "s3";

    /// <summary>
    /// Adds the headers that prove who asks. All headers that are set by now are signed, those of the content apart. The query
    /// must be in order and encoded as it is signed: <see cref="S3Address"/> sees to that.
    /// </summary>
    /// <param name="contentSha256">Of the body, in hexadecimal digits: the store refuses another body.</param>
    public static void Sign(HttpRequestMessage request, string contentSha256, S3Credentials credentials, string region, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/{region}/{Service}/aws4_request";
        request.Headers.Host = request.RequestUri!.Authority;
        request.Headers.TryAddWithoutValidation("x-amz-date", time);
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", contentSha256);
        if (credentials.SessionToken is { } token) request.Headers.TryAddWithoutValidation("x-amz-security-token", token);

        var headers = request.Headers
            .Select(header => (Name: header.Key.ToLowerInvariant(), Value: string.Join(",", header.Value).Trim()))
            .OrderBy(header => header.Name, StringComparer.Ordinal).ToArray();
        var names = string.Join(';', headers.Select(header => header.Name));
        var canonical = new StringBuilder()
            .Append(request.Method.Method).Append('\n')
            .Append(request.RequestUri.AbsolutePath).Append('\n')
            .Append(request.RequestUri.Query.TrimStart('?')).Append('\n');
        foreach (var (name, value) in headers) canonical.Append(name).Append(':').Append(value).Append('\n');
        canonical.Append('\n').Append(names).Append('\n').Append(contentSha256);

        var toSign = $"{Algorithm}\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        var signature = Hex(Hmac(SigningKey(credentials.SecretAccessKey, time[..8], region), toSign));
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"{Algorithm} Credential={credentials.AccessKeyId}/{scope},SignedHeaders={names},Signature={signature}");
    }

    private static byte[] SigningKey(string secret, string date, string region) =>
        Hmac(Hmac(Hmac(Hmac(Encoding.UTF8.GetBytes($"AWS4{secret}"), date), region), Service), "aws4_request");

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
