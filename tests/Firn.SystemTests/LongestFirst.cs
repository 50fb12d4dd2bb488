using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Firn.SystemTests.LongestFirst))]

namespace Firn.SystemTests;

/// <summary>
/// Classes whose stories take minutes begin first: one that began last would keep the others waiting for its machines alone. What is
/// given here last begins first, because the runner's tasks wait in the queue of one thread, which takes the newest.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
    [
        nameof(MachinesUpdateThemselves), nameof(DebianKeepsItsSettings), nameof(FailedKernelFallsBack), nameof(MachinesBecomeThemselves),
        nameof(MachinesBelieveSignatures), nameof(KilledMachinesFinishTheirUpdate), nameof(FailedUpdateFallsBack), nameof(ImagesAreJudged),
        nameof(MachinesLiveWithoutSystemd), nameof(MachinesAreRescued), nameof(VerityStopsTampering),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderByDescending(Place)];

    private static int Place<TTestCollection>(TTestCollection collection) where TTestCollection : ITestCollection =>
        Array.FindIndex(Long, name => collection.TestCollectionDisplayName.Contains($".{name}", StringComparison.Ordinal)) is >= 0 and var place ? place : Long.Length;
}
