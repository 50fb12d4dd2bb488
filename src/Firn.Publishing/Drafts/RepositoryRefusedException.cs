namespace Firn.Publishing.Drafts;

/// <summary>
/// The repository is in no state for what was asked, or someone else is at it: nothing was changed, and the message says
/// what would help.
/// </summary>
public sealed class RepositoryRefusedException(string message) : Exception(message);
