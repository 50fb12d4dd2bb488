using System.ComponentModel;
using System.Diagnostics;

namespace Firn.Trust.Keys;

/// <summary>
/// A key that only a command can use: on a smart card, in a cloud's key service. The command gets the bytes to sign on its
/// standard input and writes the bare signature (DER for ECDSA); its standard error and the terminal stay ours, for PINs.
/// </summary>
/// <param name="publicKey">What the signature is checked with before it is used.</param>
/// <param name="command">For <c>sh -c</c>.</param>
/// <param name="subject">For messages: the key's file.</param>
internal sealed class CommandSigner(PublicKey publicKey, string command, string subject) : ISigner
{
    private const int MaximumSignatureBytes = 4096;

    /// <summary>People have to find the card, and touch it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public PublicKey PublicKey => publicKey;

    public string KeyId { get; } = publicKey.Id;

    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var (exitCode, signature) = Run(message.ToArray());
        if (exitCode != 0) throw new IOException($"{subject}: '{command}' ended with exit code {exitCode}");
        return publicKey.Verify(message, signature)
            ? signature
            : throw new IOException($"{subject}: '{command}' wrote {signature.Length} bytes that are no signature by key {KeyId[..12]}");
    }

    private (int ExitCode, byte[] Output) Run(byte[] message)
    {
        using var process = new Process { StartInfo = new("/bin/sh", ["-c", command]) { RedirectStandardInput = true, RedirectStandardOutput = true } };
        process.StartInfo.Environment["FIRN_KEY_ID"] = KeyId;
        process.StartInfo.Environment["FIRN_KEY_SCHEME"] = publicKey.Scheme;
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            throw new IOException($"{subject}: sh cannot be run: {error.Message}", error);
        }
        var feed = Task.Run(() => Feed(process, message));
        var output = Task.Run(() => ReadBounded(process.StandardOutput.BaseStream));
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new IOException($"{subject}: '{command}' took longer than {Limit.TotalMinutes:0} minutes");
        }
        feed.Wait();
        return (process.ExitCode, output.Result);
    }

    private static void Feed(Process process, byte[] message)
    {
        try
        {
            process.StandardInput.BaseStream.Write(message);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it ended without reading all: its exit code or its signature tells
        }
    }

    private static byte[] ReadBounded(Stream stream)
    {
        var buffer = new byte[MaximumSignatureBytes];
        var count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        stream.CopyTo(Stream.Null);
        return buffer[..count];
    }
}
