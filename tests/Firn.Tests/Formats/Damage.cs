using FsCheck;
using FsCheck.Fluent;

namespace Firn.Tests.Formats;

/// <summary>Valid bytes with a few of them changed: what a reader meets on a failing disk or from an attacker.</summary>
internal static class Damage
{
    /// <summary>
    /// Reads many damaged copies of <paramref name="valid"/>. Reading may end in a value or in
    /// <see cref="InvalidDataException"/>; anything else fails.
    /// </summary>
    /// <param name="valid">Bytes that read well.</param>
    /// <param name="read">Reads to the end what it is given.</param>
    /// <param name="reach">Only the first bytes are changed: where what matters is.</param>
    public static void IsSurvived(byte[] valid, Action<byte[]> read, int? reach = null)
    {
        read([.. valid]);
        Check(valid, reach ?? valid.Length, (damaged, _) =>
        {
            try { read(damaged); }
            catch (InvalidDataException) { }
        });
    }

    /// <summary>Calls <paramref name="check"/> with damaged copies and the offsets of the changes.</summary>
    public static void Check(byte[] valid, int reach, Action<byte[], int[]> check)
    {
        var value = Gen.OneOf(Gen.Elements<byte>(0, 1, 0x7f, 0x80, 0xff), Gen.Choose(0, 255).Select(number => (byte)number));
        var change = Gen.Choose(0, reach - 1).SelectMany(offset => value.Select(changed => (Offset: offset, Value: changed)));
        var changes = Gen.Choose(1, 4).SelectMany(count => change.ArrayOf(count));
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithReplay(20260101, 1).WithMaxTest(400),
            Prop.ForAll(changes.ToArbitrary(), places =>
            {
                var damaged = valid.ToArray();
                foreach (var (offset, changed) in places) damaged[offset] = changed;
                check(damaged, [.. places.Select(place => place.Offset)]);
            }));
    }

    /// <summary>Reads every prefix whose length is a multiple of <paramref name="step"/>.</summary>
    public static void TruncationIsSurvived(byte[] valid, Action<byte[]> read, int step = 1)
    {
        for (var length = 0; length < valid.Length; length += step)
        {
            try { read(valid[..length]); }
            catch (InvalidDataException) { }
        }
    }
}
