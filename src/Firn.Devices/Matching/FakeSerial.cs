namespace Firn.Devices.Matching;

/// <summary>Serial numbers that makers of cheap adapters print onto all of them.</summary>
public static class FakeSerial
{
    private const int ShortestRun = 8, Shortest = 4;

    /// <summary>Whether a serial number cannot be one: too short, eight equal characters in a row, or a row of the keyboard's.</summary>
    public static bool Is(string serial)
    {
        if (serial.Length < Shortest) return true;
        for (int i = 1, run = 1; i < serial.Length; i++)
        {
            run = serial[i] == serial[i - 1] ? run + 1 : 1;
            if (run >= ShortestRun) return true;
        }
        return serial.Contains("234567", StringComparison.Ordinal) || serial.Contains("bcdefg", StringComparison.OrdinalIgnoreCase);
    }
}
