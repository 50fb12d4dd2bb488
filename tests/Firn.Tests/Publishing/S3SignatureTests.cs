using Firn.Publishing.Destinations;
using Firn.Publishing.Storage;
using Firn.Trust.Metadata;

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

    /// <summary>The example "PUT Object" there: a "$" in the path is encoded, all headers are signed.</summary>
    [Fact]
    public void The_documented_upload_has_the_documented_signature()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "https://examplebucket.s3.amazonaws.com/test%24file.text");
        request.Headers.TryAddWithoutValidation("Date", "Fri, 24 May 2013 00:00:00 GMT");
        request.Headers.TryAddWithoutValidation("x-amz-storage-class", "REDUCED_REDUNDANCY");

        Sign(request, "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");

        Assert.EndsWith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd", request.Headers.GetValues("Authorization").Single());
    }

    /// <summary>The examples "GET Bucket Lifecycle" and "Get Bucket (List Objects)" there: queries.</summary>
    [Theory]
    [InlineData("?lifecycle=", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void The_documented_queries_have_the_documented_signatures(string query, string signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://examplebucket.s3.amazonaws.com/{query}");

        Sign(request, FileHashes.Of([]).Sha256!);

        Assert.EndsWith($"Signature={signature}", request.Headers.GetValues("Authorization").Single());
    }

    private static void Sign(HttpRequestMessage request, string contentSha256) => S3Signature.Sign(
        request, contentSha256, new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", null), "us-east-1", new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Queries_are_encoded_and_in_order()
    {
        var address = S3Address.Parse("s3://updates/fleet", "http://store:9000", null, _ => null);

        Assert.Equal("http://store:9000/updates/fleet/a%2Bb?partNumber=1&uploadId=x%2F%2By%3D", address.Of("a+b", $"partNumber=1&uploadId={Uri.EscapeDataString("x/+y=")}").AbsoluteUri);
        Assert.Equal(
            "http://store:9000/updates/?continuation-token=a%2Bb%3D&encoding-type=url&list-type=2&prefix=fleet%2Ftargets%2F",
            address.List("targets", "a+b=").AbsoluteUri);
    }

    [Fact]
    public void A_list_of_objects_is_read_and_nonsense_is_not()
    {
        const string page = "<ListBucketResult><NextContinuationToken>a&amp;b==</NextContinuationToken><Contents><Key>fleet/targets/a%2Bb</Key>"
            + "<LastModified>2027-03-01T12:00:00.000Z</LastModified><ETag>&quot;x&quot;</ETag><Size>7</Size></Contents></ListBucketResult>";

        Assert.Equal([new StoredFile("targets/a+b", 7, new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero))], S3Reply.Files(page, "fleet/"));
        Assert.Equal("a&b==", S3Reply.Field(page, "NextContinuationToken"));
        Assert.Throws<InvalidDataException>(() => S3Reply.Files(page, "other/").ToArray());
        Assert.Throws<InvalidDataException>(() => S3Reply.Files(page.Replace("7", "x"), "fleet/").ToArray());
        Firn.Tests.Formats.Damage.IsSurvived(System.Text.Encoding.ASCII.GetBytes(page), bytes => S3Reply.Files(System.Text.Encoding.Latin1.GetString(bytes), "fleet/").ToArray());
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
