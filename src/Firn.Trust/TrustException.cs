namespace Firn.Trust;

/// <summary>Something must not be believed: which role or target, what was expected, and what was found.</summary>
/// <param name="failure">To switch on.</param>
/// <param name="subject">The role, target or file it is about.</param>
/// <param name="message">Without the subject, which is put before it.</param>
public sealed class TrustException(TrustFailure failure, string subject, string message, Exception? cause = null)
    : Exception($"{subject}: {message}", cause)
{
    public TrustFailure Failure { get; } = failure;
    public string Subject { get; } = subject;
}
