using System.Globalization;
using System.Text;

namespace Firn.Web.Http;

/// <param name="IsEncrypted">By TLS.</param>
public sealed record HttpRequest(HttpHead Head, HttpBody Body, System.Net.IPAddress From, bool IsEncrypted);

/// <param name="Cookie">For the browser to keep, with its attributes; null: it keeps what it has.</param>
/// <param name="Location">Where it is instead.</param>
public sealed record HttpAnswer(int Status, string ContentType, ReadOnlyMemory<byte> Body, string? Cookie = null, string? Location = null)
{
    /// <summary>A page takes nothing from elsewhere, runs no code but its own file, and is in nobody's frame.</summary>
    private const string Guards = "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n"
        + "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n";

    public static HttpAnswer Text(int status, string text) => new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));

    /// <summary>The same request there: 308, RFC 9110, 15.4.9.</summary>
    public static HttpAnswer Elsewhere(string address) => new(308, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(address + "\n"), Location: address);

    public static HttpAnswer Json(byte[] json, string? cookie = null) => new(200, "application/json", json, cookie);

    public byte[] Head() => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"HTTP/1.1 {Status} {Reason}\r\nContent-Type: {ContentType}\r\nContent-Length: {Body.Length}\r\n{Guards}{(Cookie is null ? "" : $"Set-Cookie: {Cookie}\r\n")}{(Location is null ? "" : $"Location: {Location}\r\n")}Connection: close\r\n\r\n"));

    private string Reason => Status switch { < 300 => "OK", < 400 => "Elsewhere", < 500 => "Refused", _ => "Failed" };
}
