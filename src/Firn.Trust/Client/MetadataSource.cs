using System.Globalization;
using Firn.Trust.Metadata;
using Firn.Trust.Transports;

namespace Firn.Trust.Client;

/// <summary>Metadata files of a repository, none longer than it may be.</summary>
internal sealed class MetadataSource(ITransport transport, TrustLimits limits)
{
    public Task<byte[]?> FetchRootAsync(long version, CancellationToken cancellation) =>
        FetchAsync(FileName(RoleNames.Root, version), limits.MaximumRootBytes, cancellation);

    public async Task<byte[]> FetchTimestampAsync(CancellationToken cancellation) =>
        Require(await FetchAsync(FileName(RoleNames.Timestamp, null), limits.MaximumTimestampBytes, cancellation), RoleNames.Timestamp, null);

    /// <param name="expected">What signed metadata says of it.</param>
    /// <param name="isVersioned">Whether file names have versions.</param>
    /// <exception cref="TrustException">Longer than it may be, or other than <paramref name="expected"/>.</exception>
    /// <exception cref="IOException">Not there, or not to be had.</exception>
    public async Task<byte[]> FetchAsync(string role, MetaFile expected, bool isVersioned, CancellationToken cancellation)
    {
        long? version = isVersioned ? expected.Version : null;
        var bytes = Require(await FetchAsync(FileName(role, version), MaximumBytes(role, expected), cancellation), role, version);
        VerifiedRole.RequireMatch(bytes, expected, role);
        return bytes;
    }

    private int MaximumBytes(string role, MetaFile expected) => expected.SizeBytes switch
    {
        null => role == RoleNames.Snapshot ? limits.MaximumSnapshotBytes : limits.MaximumTargetsBytes,
        { } size when size <= limits.MaximumSignedBytes => (int)size,
        { } size => throw new TrustException(
            TrustFailure.WrongLength, role, $"is said to have {size} bytes, at most {limits.MaximumSignedBytes} are read"),
    };

    private async Task<byte[]?> FetchAsync(string fileName, int maximumBytes, CancellationToken cancellation)
    {
        await using var stream = await transport.OpenMetadataAsync(fileName, cancellation);
        return stream is null ? null : await BoundedRead.AllAsync(stream, maximumBytes, $"{transport.Name}: {fileName}", cancellation);
    }

    private byte[] Require(byte[]? bytes, string role, long? version) => bytes
        ?? throw new FileNotFoundException($"{transport.Name}: {FileName(role, version)} is not there");

    private static string FileName(string role, long? version) =>
        version is { } number ? $"{number.ToString(CultureInfo.InvariantCulture)}.{RoleNames.FileName(role)}" : RoleNames.FileName(role);
}
