using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>A machine, a repository of <c>firn repo</c>'s on a plain web server, and somebody who has that server.</summary>
public sealed class MachinesBelieveSignatures
{
    [Fact]
    public void A_machine_takes_what_is_signed_for_it_and_nothing_else()
    {
        var directory = Path.Combine(TestImages.Releases, "signed");
        Run($"{Repository.MachineProgram} repo init {directory}/repository --publish-to {directory}/www --no-passphrase");
        Run($"{Firn("delegate")} stable --no-passphrase");
        string Signed(string text) => text + $"repository: {{ urls: [http://updates.invalid], root: {directory}/repository/metadata/1.root.json }}\n";
        Run(Firn("publish"));
        var disk = TestImages.Build("tiny-signed", "tiny", Signed);
        TestImages.TinyRelease("signed-2", Signed, version: "2");
        Run($"{Firn("add")} {disk} --channel stable --hardware x86-64");
        Run($"{Firn("add")} {TestImages.Releases}/signed-2 --channel stable --hardware x86-64 --delta-from last:1 --cache {directory}/packs");
        Run(Firn("publish"));
        // The same, but for the bytes of the root images and of the packs, for whoever has the web server: wherever a machine asks for some, they are wrong.
        Run($"cp -r {directory}/www {directory}/forged && for file in {directory}/forged/targets/stable/*/*root.squashfs {directory}/forged/targets/stable/*/*.pack; "
            + "do head -c $(stat -c %s $file) /dev/zero > $file.new && mv $file.new $file; done");
        Run($"cp -r {directory}/www {directory}/unsigned && sed -i 's/\"version\"/\"Version\"/' {directory}/unsigned/metadata/timestamp.json");

        Story.Passes("signed-repository", disk, FirmwareKind.Efi);

        string Firn(string verb) => $"{Repository.MachineProgram} repo {verb} --repo {directory}/repository";
        void Run(string command) => HostTool.Run("sh", "-c", $"export FIRN_KEYS={directory}/keys; {command}");
    }
}
