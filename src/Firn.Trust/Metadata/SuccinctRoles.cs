using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Firn.Trust.Metadata;

/// <summary>
/// Hash bins written as one role: 2^bits roles with the same keys, each for the targets whose paths' SHA-256 begins with
/// its number. (TAP 15.)
/// </summary>
/// <param name="Keys">Of every bin.</param>
/// <param name="BitLength">1 to 32.</param>
/// <param name="NamePrefix">A bin is called this, a hyphen, and its number in hexadecimal digits.</param>
/// <param name="Unknown">Fields that Firn does not know.</param>
public sealed record SuccinctRoles(RoleKeys Keys, int BitLength, string NamePrefix, JsonObject Unknown)
{
    public SuccinctRoles(RoleKeys keys, int bitLength, string namePrefix) : this(keys, bitLength, namePrefix, JsonObject.Empty) { }

    public long Count => 1L << BitLength;

    /// <summary>The one bin that may speak for a target.</summary>
    public DelegatedRole RoleFor(string targetPath)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(targetPath));
        var first = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(hash);
        return Role(first >> (32 - BitLength));
    }

    public IEnumerable<DelegatedRole> Roles()
    {
        for (var number = 0L; number < Count; number++) yield return Role(number);
    }

    /// <summary>Bins have no order, and none has another after it.</summary>
    private DelegatedRole Role(long number) => new() { Name = NameOf(number), Keys = Keys, IsTerminating = true };

    private string NameOf(long number)
    {
        var digits = (BitLength + 3) / 4;
        return $"{NamePrefix}-{number.ToString($"x{digits}", CultureInfo.InvariantCulture)}";
    }

    internal JsonObject ToJson()
    {
        var members = new JsonBuilder { { "bit_length", BitLength }, { "name_prefix", NamePrefix } };
        Keys.AddMembers(members);
        members.Add(Unknown);
        return members.Build();
    }

    internal static SuccinctRoles Read(JsonObject json, string where)
    {
        var fields = new JsonFields(json, where);
        return new(
            RoleKeys.ReadMembers(fields), (int)fields.IntegerFrom("bit_length", 1, 32),
            RoleNames.CheckDelegated(fields.Text("name_prefix"), where), fields.Unknown());
    }
}
