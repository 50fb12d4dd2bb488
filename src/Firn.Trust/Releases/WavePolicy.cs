namespace Firn.Trust.Releases;

public enum WavePolicy
{
    /// <summary>The machine takes a release when it is its turn.</summary>
    Wait,

    /// <summary>A person decided that it is this machine's turn.</summary>
    Ignore,
}
