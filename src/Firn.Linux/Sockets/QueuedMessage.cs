using Firn.Linux.Events;

namespace Firn.Linux.Sockets;

/// <summary>What waits in a <see cref="DescriptorQueue"/>.</summary>
/// <param name="Descriptors">Open for who looked at it, too.</param>
public sealed record QueuedMessage(string Text, List<Descriptor> Descriptors);
