using Firn.Linux.Accounts;
using Firn.Tests.Formats;

namespace Firn.Tests.Linux.Accounts;

public sealed class PasswordHashTests
{
    [Theory]
    [InlineData("secret")]
    [InlineData("ä passphrase: with $igns and more than thirty-two characters")]
    public void Openssl_makes_the_same_hash_with_the_same_salt(string password)
    {
        var hash = PasswordHash.Sha512(password, "0123456789abcdefgh"u8);

        var salt = hash.Split('$')[2];
        Assert.Equal(16, salt.Length);
        Assert.Equal(ForeignTool.Run("openssl", "passwd", "-6", "-salt", salt, password).Trim(), hash);
    }
}
