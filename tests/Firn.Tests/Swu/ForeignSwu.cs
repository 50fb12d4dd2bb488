using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Firn.Tests.Formats;

namespace Firn.Tests.Swu;

/// <summary>A .swu file as people make it: a description by hand, GNU cpio and OpenSSL.</summary>
internal sealed partial class ForeignSwu(ScratchDirectory scratch)
{
    private readonly string _directory = Directory.CreateDirectory(scratch.File($"swu-{Guid.NewGuid():N}")).FullName;
    private readonly List<string> _files = [];

    [GeneratedRegex("@([^@\"]+)@")]
    private static partial Regex HashMark { get; }

    public ForeignSwu With(string name, byte[] content)
    {
        File.WriteAllBytes(Path.Combine(_directory, name), content);
        _files.Add(name);
        return this;
    }

    public ForeignSwu With(string name, string content) => With(name, System.Text.Encoding.UTF8.GetBytes(content));

    /// <summary>What a program makes of a file: <c>zstd</c>, <c>gzip</c>.</summary>
    public ForeignSwu Compressed(string name, byte[] content, string tool)
    {
        var plain = scratch.Write($"plain-{Guid.NewGuid():N}", content);
        ForeignTool.Run("sh", "-c", $"{tool} -c < {plain} > {Path.Combine(_directory, name)}");
        _files.Add(name);
        return this;
    }

    /// <param name="description">Where <c>@name@</c> stands for the SHA-256 of a file.</param>
    /// <param name="signature"><c>cms</c>, <c>pss</c>, <c>pkcs1</c>, or null for none.</param>
    public string Make(string description, string? signature = "cms", string? key = null, string? certificate = null, string format = "crc")
    {
        var text = HashMark.Replace(description, mark => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(_directory, mark.Groups[1].Value)))));
        File.WriteAllText(Path.Combine(_directory, "sw-description"), text);
        if (signature is not null) Sign(signature, key ?? TestSigner.Key, certificate ?? TestSigner.Certificate);
        var names = new[] { "sw-description" }.Concat(signature is null ? [] : ["sw-description.sig"]).Concat(_files);
        var output = scratch.File($"{Guid.NewGuid():N}.swu");
        ForeignTool.RunIn(_directory, "sh", "-c", $"printf '%s\\n' {string.Join(' ', names)} | cpio -o -H {format} --quiet > {output}");
        return output;
    }

    private void Sign(string kind, string key, string certificate) => ForeignTool.RunIn(_directory, "openssl", kind switch
    {
        "cms" => ["cms", "-sign", "-in", "sw-description", "-out", "sw-description.sig", "-signer", certificate, "-inkey", key, "-outform", "DER", "-nosmimecap", "-binary"],
        "pss" => ["dgst", "-sha256", "-sign", key, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-2", "-out", "sw-description.sig", "sw-description"],
        _ => ["dgst", "-sha256", "-sign", key, "-out", "sw-description.sig", "sw-description"],
    });
}
