namespace Firn.Linux.Sockets;

/// <summary>Who sent a message, as the kernel says; SCM_CREDENTIALS, and for netlink the address.</summary>
/// <param name="User">Null when the kernel said nothing.</param>
/// <param name="Port">Of netlink: 0 is the kernel itself.</param>
/// <param name="IsWhole">False: the message was longer than the room for it.</param>
public readonly record struct MessageSender(uint? User, uint Port, bool IsWhole);
