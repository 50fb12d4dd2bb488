namespace Firn.Publishing.Destinations;

/// <summary>A place in a bucket: <c>s3://BUCKET/PREFIX</c>, at Amazon or at an endpoint of its own.</summary>
/// <param name="Bucket">Its name.</param>
/// <param name="Prefix">Empty, or ends with a slash.</param>
/// <param name="Endpoint">Null for Amazon's own; others are asked with the bucket in the path.</param>
/// <param name="Region">Signed with.</param>
public sealed record S3Address(string Bucket, string Prefix, Uri? Endpoint, string Region)
{
    private const string Scheme = "s3://";
    private const string DefaultRegion = "us-east-1";

    public static bool Is(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <param name="text"><c>s3://BUCKET/PREFIX</c>.</param>
    /// <param name="endpoint">Null for what the environment says, as of other tools: <c>AWS_ENDPOINT_URL</c>.</param>
    /// <param name="region">Null for what the environment says: <c>AWS_REGION</c>, <c>AWS_DEFAULT_REGION</c>.</param>
    /// <exception cref="InvalidDataException">Not such an address.</exception>
    public static S3Address Parse(string text, string? endpoint, string? region, Func<string, string?> environment)
    {
        var (bucket, prefix) = text[Scheme.Length..].Split('/', 2) is [var first, var rest] ? (first, rest) : (text[Scheme.Length..], "");
        if (bucket.Length is < 3 or > 63 || !bucket.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '.' or '-'))
            throw new InvalidDataException($"{text}: expected s3://BUCKET/PREFIX with a bucket of 3 to 63 lower-case letters, digits, dots and hyphens");
        endpoint ??= environment("AWS_ENDPOINT_URL_S3") ?? environment("AWS_ENDPOINT_URL");
        if (!string.IsNullOrEmpty(endpoint) && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            throw new InvalidDataException($"S3 endpoint '{endpoint}': expected an http(s) URL");
        prefix = prefix.Trim('/');
        return new(
            bucket, prefix.Length == 0 ? "" : $"{prefix}/", string.IsNullOrEmpty(endpoint) ? null : new(endpoint),
            region ?? environment("AWS_REGION") ?? environment("AWS_DEFAULT_REGION") ?? DefaultRegion);
    }

    /// <summary>Percent-encoded as signatures want it: all but letters, digits and <c>-._~/</c>.</summary>
    /// <param name="query">Encoded, and in the order of names; null for none.</param>
    public Uri Of(string path, string? query = null) =>
        Below($"{string.Join('/', $"{Prefix}{path}".Split('/').Select(Uri.EscapeDataString))}{(query is null ? "" : $"?{query}")}");

    /// <summary>A page of what is in the bucket below a folder, as "ListObjectsV2" has it.</summary>
    /// <param name="next">Where the page before ended; empty for the first.</param>
    public Uri List(string folder, string next) => Below(
        $"?{(next.Length > 0 ? $"continuation-token={Uri.EscapeDataString(next)}&" : "")}encoding-type=url&list-type=2&prefix={Uri.EscapeDataString($"{Prefix}{folder}/")}");

    private Uri Below(string rest) => Endpoint is null
        ? new($"https://{Bucket}.s3.{Region}.amazonaws.com/{rest}")
        : new($"{Endpoint.AbsoluteUri.TrimEnd('/')}/{Bucket}/{rest}");

    public override string ToString() => $"{Scheme}{Bucket}/{Prefix}".TrimEnd('/');
}
