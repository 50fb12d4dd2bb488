using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>Container runtimes of Debian, whose storage is a directory of the data partition.</summary>
public sealed class MachinesRunContainers
{
    [Fact, Trait("When", "Night")]
    public void Containers_of_podman_outlive_an_update_that_is_confirmed_because_containers_start()
    {
        const string recipe = "../../../examples/edge-box/recipe";
        var disk = TestImages.Build("debian-containers-1", recipe, text => text);
        TestImages.Release("debian-containers-2", recipe, text => TestImages.Versioned(text, "2"));

        Story.Passes("containers-podman", disk, FirmwareKind.Efi);
    }

    [Fact, Trait("When", "Night")]
    public void A_release_whose_containerd_does_not_start_containers_is_given_up()
    {
        var repository = new PublishedRepository("containerd");
        string Containerd(string text) => WithContainerd(text) + repository.Section;
        var disk = TestImages.Build("tiny-containerd", "tiny", Containerd);
        TestImages.TinyRelease("containerd-2", Containerd, version: "2");
        TestImages.TinyRelease("containerd-3", text => Containerd(text).Replace("remove: [", "remove: [/usr/bin/containerd-shim-runc-v2, "), version: "3");

        Story.Passes("containers-containerd", disk, FirmwareKind.Efi);
    }

    private static string WithContainerd(string text) => text
        .Replace("kmod]", "kmod, containerd, runc]")
        .Replace("firn update confirm --when-healthy &",
            "mount -t cgroup2 cgroup2 /sys/fs/cgroup; containerd > /run/containerd.log 2>&1 &\n      firn update confirm --when-healthy > /run/confirm.log 2>&1 &")
        + "containers: { runtimes: [containerd] }\nagent: { reach: check, check.retries: 5 }\nupdate: { tries: 1 }\n";
}
