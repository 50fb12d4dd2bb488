namespace Firn.Formats.Gpt;

/// <summary>
/// Partition types, from the UEFI specification (5.3.3), GRUB's manual (BIOS installation) and the Discoverable
/// Partitions Specification.
/// </summary>
public static class GptTypes
{
    public static readonly Guid Esp = new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
    public static readonly Guid BiosBoot = new("21686148-6449-6e6f-744e-656564454649");
    public static readonly Guid LinuxRootX64 = new("4f68bce3-e8cd-4db1-96e7-fbcaf984b709");
    public static readonly Guid LinuxRootArm64 = new("b921b045-1df0-41c3-af44-4c6f280d3fae");
    public static readonly Guid LinuxData = new("0fc63daf-8483-4772-8e79-3d69d8477de4");
    public static readonly Guid BasicData = new("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7");
}
