namespace Firn.Images.VirtualMachines;

/// <summary>A virtual machine did not do what was asked of it: it did not start, answer, or do so in time.</summary>
public sealed class VirtualMachineException(string message, Exception? cause = null) : IOException(message, cause);
