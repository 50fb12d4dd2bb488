namespace Firn.Devices.State;

public enum ServiceVerb { Start, Restart, Stop }

/// <summary>Something that a service manager is to do, one at a time for each unit.</summary>
public sealed record ServiceOrder(ServiceVerb Verb, ServiceTarget Target)
{
    public override string ToString() => $"{Verb.ToString().ToLowerInvariant()} {Target.Unit}";
}

/// <summary>What became of it.</summary>
/// <param name="Problem">Null: it was done.</param>
public sealed record ServiceResult(string? Problem)
{
    public static readonly ServiceResult Done = new((string?)null);
}
