using Firn.Trust.Metadata;
using Firn.Trust.Repository;

namespace Firn.Tests.Trust.Publishing;

public sealed class S3SignatureTests
{
    /// <summary>The example "GET Object" of Amazon's "Authenticating Requests: Using the Authorization Header".</summary>
    [Fact]
    public void The_documented_example_has_the_documented_signature()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://examplebucket.s3.amazonaws.com/test.txt");
        request.Headers.Range = new(0, 9);
        var credentials = new S3Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", null);

        S3Signature.Sign(request, FileHashes.Of([]).Sha256!, credentials, "us-east-1", new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero));

        Assert.EndsWith(
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            request.Headers.GetValues("Authorization").Single());
    }

    [Theory]
    [InlineData("s3://updates", "targets/a~b/1+2.x", "https://updates.s3.eu-west-1.amazonaws.com/targets/a~b/1%2B2.x")]
    [InlineData("s3://updates/fleet/eu/", "x", "https://updates.s3.eu-west-1.amazonaws.com/fleet/eu/x")]
    public void Addresses_are_encoded_as_they_are_signed(string place, string path, string expected) =>
        Assert.Equal(expected, S3Address.Parse(place, null, "eu-west-1", _ => null).Of(path).AbsoluteUri);

    [Theory]
    [InlineData("s3://")]
    [InlineData("s3://Upper/x")]
    [InlineData("s3://a/b")]
    public void What_names_no_bucket_is_refused(string place) =>
        Assert.Throws<InvalidDataException>(() => S3Address.Parse(place, null, null, _ => null));

    [Fact]
    public void The_secret_is_never_printed() => Assert.DoesNotContain("geheim", new S3Credentials("id", "geheim", null).ToString());
}
