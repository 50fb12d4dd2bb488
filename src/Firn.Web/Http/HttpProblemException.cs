namespace Firn.Web.Http;

/// <summary>A request that is answered with what is wrong with it.</summary>
/// <param name="status">From 400 to 599.</param>
public sealed class HttpProblemException(int status, string reason) : Exception(reason)
{
    public int Status => status;
}
