using Firn.Formats.Boot;
using Firn.Machine.Boot;
using Firn.Swu.Archives;
using Firn.Swu.Descriptions;
using Firn.Swu.Signatures;

namespace Firn.Swu.Installing;

/// <summary>What a .swu file means for this machine: images for the idle slot, and steps before and after them.</summary>
internal sealed class SwuPlan : IDisposable
{
    private readonly SwuArchive _archive;
    private readonly MachineDisk _disk;
    private readonly MachinePaths _paths;
    private readonly SwuSettings _settings;
    private readonly Slot _idle;

    private SwuPlan(SwuArchive archive, MachineDisk disk, MachinePaths paths, SwuSettings settings, Slot idle, Collection collection)
    {
        (_archive, _disk, _paths, _settings, _idle, Collection) = (archive, disk, paths, settings, idle, collection);
        Problems = collection.Problems;
    }

    public Collection Collection { get; }
    public List<string> Problems { get; }
    public Artefact? Root { get; private set; }
    public Artefact? Boot { get; private set; }
    public List<IStep> Before { get; } = [];
    public List<IStep> After { get; } = [];

    /// <summary>Where what is spooled goes: not into memory, if there is a disk for it.</summary>
    public string Scratch => _disk.Running is null ? Path.GetTempPath() : FirnData;

    private string FirnData => Path.Combine(_paths.Data, "firn");

    public static SwuPlan Make(
        SwuArchive archive, Collection collection, MachineDisk disk, MachinePaths paths, SwuSettings settings, Slot idle)
    {
        var plan = new SwuPlan(archive, disk, paths, settings, idle, collection);
        // as SWUpdate: programs, images, files, programs again, and the boot loader last
        plan.AddScripts(plan.Before, "preinst", "preinstall");
        foreach (var artefact in collection.Artefacts)
            if (artefact is { Kind: ArtefactKind.Image, Type: "raw" }) plan.AddImage(artefact);
        foreach (var artefact in collection.Artefacts)
            if (artefact.Type is "rawfile" or "archive") plan.AddFile(artefact);
        plan.AddScripts(plan.After, "postinst", "postinstall");
        if (collection.Environment.Count > 0) plan.After.Add(new EnvironmentStep(collection.Environment, Path.Combine(plan.FirnData, "bootenv")));
        plan.CheckWhole();
        return plan;
    }

    private void AddScripts(List<IStep> steps, string moment, string type)
    {
        foreach (var artefact in Collection.Artefacts)
            if (artefact.Type == "shellscript" || artefact.Type == type)
                steps.Add(new ScriptStep(
                    _archive, artefact, artefact.Type == "shellscript" ? moment : null, Path.Combine(_paths.Root, "run/firn/swu"), _settings.AllowsScripts));
    }

    private void AddImage(Artefact image)
    {
        var partition = _disk.PartitionAt(image.Device!);
        if (partition == DiskLayout.RootPartition(_idle) && Root is null && image.Offset == 0) Root = image;
        else if (partition == DiskLayout.BootPartition(_idle) && Boot is null && image.Offset == 0) Boot = image;
        else if (partition is not null) Problems.Add($"images: {image.FileName}: {image.Device} is {Describe(partition)}, which no .swu file may write");
        else if (image.Device!.StartsWith("/dev/disk/by-partlabel/firn-", StringComparison.Ordinal))
            Problems.Add($"images: {image.FileName}: {_disk.Name} has no partition {Path.GetFileName(image.Device)}");
        else if (_disk.Running is null) Problems.Add($"images: {image.FileName}: {image.Device} is not part of {_disk.Name}");
        else if (IsFirns(Path.GetFullPath(image.Device))) Problems.Add($"images: {image.FileName}: {image.Device} is where Firn keeps its state, which no .swu file may write");
        else After.Add(new DeviceStep(_archive, image));
    }

    private string Describe(string partition) => partition switch
    {
        "" => "the disk that this system runs from",
        _ when partition == DiskLayout.RootPartition(_idle) || partition == DiskLayout.BootPartition(_idle) =>
            $"partition {partition} of the idle slot, a second time or not from its beginning",
        _ when partition == DiskLayout.RootPartition(_idle.Other()) || partition == DiskLayout.BootPartition(_idle.Other()) =>
            $"partition {partition} of slot {_idle.Other().Name()}, which is the one that is known to work",
        _ => $"partition {partition} of Firn's disk",
    };

    private void AddFile(Artefact artefact)
    {
        var path = Path.GetFullPath(Path.Combine(_paths.Root, artefact.Path!.TrimStart('/')));
        if (IsFirns(path))
            Problems.Add($"{artefact.FileName}: {artefact.Path} is where Firn keeps its state, which no .swu file may write");
        else
            After.Add(artefact.Type == "archive" ? new ArchiveStep(_archive, artefact, path, FirnData) : new FileStep(_archive, artefact, path));
    }

    private bool IsFirns(string path) => path == FirnData || path.StartsWith(FirnData + "/", StringComparison.Ordinal);

    private void CheckWhole()
    {
        if (Root is null != Boot is null)
            Problems.Add($"images: a slot is a root image and a boot image, and there is {(Root is null ? "no root image" : "no boot image")} for slot {_idle.Name()}");
        if (_disk.Running is null && Before.Count + After.Count > 0) Problems.Add($"{_disk.Name} is not the system that runs: only images for its slots can be installed");
        if (Problems.Count == 0 && Root is null && Before.Count + After.Count == 0) Problems.Add("there is nothing to install for this machine");
    }

    public void Dispose()
    {
        foreach (var step in After.OfType<IDisposable>()) step.Dispose();
    }
}
