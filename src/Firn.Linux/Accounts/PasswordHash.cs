using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Firn.Linux.Interop;

namespace Firn.Linux.Accounts;

/// <summary>Hashes of passwords as shadow(5) keeps them, made by the system's own crypt(3).</summary>
public static class PasswordHash
{
    private const int SaltCharacters = 16;
    private const string SaltAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>SHA-512 in 5000 rounds: <c>$6$SALT$HASH</c>.</summary>
    /// <param name="saltSeed">At least 16 bytes that give the salt: random, or derived from anything but the password.</param>
    /// <exception cref="DllNotFoundException">libcrypt.so.1 is not on this machine.</exception>
    public static string Sha512(string password, ReadOnlySpan<byte> saltSeed)
    {
        var salt = string.Concat(saltSeed[..SaltCharacters].ToArray().Select(octet => SaltAlphabet[octet % SaltAlphabet.Length]));
        var setting = $"$6${salt}";
        var work = new byte[LibCrypt.WorkBytes];
        var hash = Marshal.PtrToStringUTF8(LibCrypt.Crypt(password, setting, work));
        return hash is not null && hash.StartsWith($"{setting}$", StringComparison.Ordinal)
            ? hash
            : throw new NotSupportedException("crypt: this machine's libcrypt cannot hash with SHA-512 ($6$)");
    }

    /// <param name="hash">In any form that the system's crypt(3) knows.</param>
    /// <exception cref="DllNotFoundException">libcrypt.so.1 is not on this machine.</exception>
    public static bool Verify(string password, string hash)
    {
        var made = Marshal.PtrToStringUTF8(LibCrypt.Crypt(password, hash, new byte[LibCrypt.WorkBytes]));
        // what it cannot do it says with a * in front
        return made is not null && !made.StartsWith('*')
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(made), Encoding.UTF8.GetBytes(hash));
    }
}
