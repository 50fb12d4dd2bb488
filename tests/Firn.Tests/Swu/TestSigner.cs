using Firn.Tests.Formats;

namespace Firn.Tests.Swu;

/// <summary>Keys and certificates that <c>openssl</c> makes, once for all tests.</summary>
internal static class TestSigner
{
    private static readonly ScratchDirectory Scratch = new();

    public static string Key { get; } = Scratch.File("key.pem");
    public static string Certificate { get; } = Make(Key, "certificate.pem", "updates", "extendedKeyUsage=emailProtection");
    public static string PublicKey { get; } = Write("public.pem", ForeignTool.Run("openssl", "pkey", "-in", Key, "-pubout"));

    /// <summary>A certificate, and a key for it if there is none.</summary>
    public static string Make(string key, string name, string subject, string extension, string days = "30")
    {
        if (!File.Exists(key)) ForeignTool.Run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key);
        ForeignTool.Run("openssl", "req", "-x509", "-key", key, "-days", days, "-subj", $"/CN={subject}", "-addext", extension, "-out", Scratch.File(name));
        return Scratch.File(name);
    }

    public static string Another(string name) => Scratch.File(name);

    private static string Write(string name, string text)
    {
        File.WriteAllText(Scratch.File(name), text);
        return Scratch.File(name);
    }
}
