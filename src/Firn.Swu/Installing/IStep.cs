namespace Firn.Swu.Installing;

/// <summary>Something that a .swu file asks for besides images for a slot.</summary>
internal interface IStep
{
    /// <summary>Looks whether it can be done, and changes nothing.</summary>
    /// <exception cref="InvalidDataException">The bytes that it is about are damaged.</exception>
    void Check(Action<string> problem, CancellationToken cancellation);

    /// <exception cref="IOException">Something cannot be written, or a program failed.</exception>
    void Run(CancellationToken cancellation);
}
