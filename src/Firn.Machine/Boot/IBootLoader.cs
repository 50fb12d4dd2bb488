using Firn.Formats.Boot;

namespace Firn.Machine.Boot;

/// <summary>The boot loader's memory of what to boot. GRUB's is the first; others follow.</summary>
public interface IBootLoader
{
    /// <exception cref="InvalidDataException">No copy of the state can be read.</exception>
    BootState Read();

    /// <summary>
    /// Replaces the state as a whole: after a power cut at any moment, the old or the new one is read. Returns when it
    /// is on the medium.
    /// </summary>
    void Write(BootState state);
}
