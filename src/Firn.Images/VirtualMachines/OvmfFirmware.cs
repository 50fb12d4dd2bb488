namespace Firn.Images.VirtualMachines;

/// <summary>OVMF, the EFI firmware for QEMU: its code, and the variables a new machine begins with.</summary>
internal sealed record OvmfFirmware(string Code, string Variables)
{
    // The 4 MiB builds first: newer releases of Debian have no others.
    private static readonly OvmfFirmware[] Known =
    [
        new("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
        new("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
        new("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
        new("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
    ];

    /// <exception cref="FileNotFoundException">The host has no OVMF; the message names the package to install.</exception>
    public static OvmfFirmware Locate() => Locate(Known);

    internal static OvmfFirmware Locate(IReadOnlyCollection<OvmfFirmware> places) =>
        places.FirstOrDefault(place => File.Exists(place.Code) && File.Exists(place.Variables))
        ?? throw new FileNotFoundException(
            $"{places.First().Code}: no EFI firmware for QEMU; on Debian: apt-get install ovmf (or boot with --bios)");
}
