using System.Globalization;
using System.Text;

namespace Firn.Web.Http;

public sealed record HttpRequest(HttpHead Head, HttpBody Body, System.Net.IPAddress From);

/// <param name="Cookie">For the browser to keep, with its attributes; null: it keeps what it has.</param>
public sealed record HttpAnswer(int Status, string ContentType, ReadOnlyMemory<byte> Body, string? Cookie = null)
{
    /// <summary>A page takes nothing from elsewhere, runs no code but its own file, and is in nobody's frame.</summary>
    private const string Guards = "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n"
        + "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n";

    public static HttpAnswer Text(int status, string text) => new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));

    public static HttpAnswer Json(byte[] json, string? cookie = null) => new(200, "application/json", json, cookie);

    public byte[] Head() => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"HTTP/1.1 {Status} {Reason}\r\nContent-Type: {ContentType}\r\nContent-Length: {Body.Length}\r\n{Guards}{(Cookie is null ? "" : $"Set-Cookie: {Cookie}\r\n")}Connection: close\r\n\r\n"));

    private string Reason => Status switch { < 300 => "OK", < 400 => "See Other", < 500 => "Refused", _ => "Failed" };
}
