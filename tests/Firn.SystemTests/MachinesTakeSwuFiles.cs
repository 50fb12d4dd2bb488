using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>A whole machine and .swu files that were made with cpio and openssl.</summary>
[Trait("When", "Night")]
public sealed class MachinesTakeSwuFiles
{
    [Fact]
    public void A_machine_tries_what_others_made_and_leaves_its_running_slot_alone()
    {
        var directory = Directory.CreateDirectory(Path.Combine(TestImages.Releases, "swu-keys")).FullName;
        foreach (var name in new[] { "updates", "stranger" })
            HostTool.Run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", $"/CN={name}",
                "-addext", "extendedKeyUsage=emailProtection", "-keyout", $"{directory}/{name}.key", "-out", $"{directory}/{name}.pem");
        string Believing(string text) => text + $"  - {{ path: /usr/lib/firn/updates.pem, from: {directory}/updates.pem }}\n"
            + "  - { path: /usr/lib/firn/swu.conf, content: \"certificate=updates.pem\\n\" }\n";
        var disk = TestImages.Build("tiny-swu", "tiny", Believing);
        TestImages.TinyRelease("swu-new", Believing, version: "2");
        Make("swu-2", "updates", "b");
        Make("swu-stranger", "stranger", "b");
        Make("swu-running", "updates", "a");

        Story.Passes("swu-files", disk, FirmwareKind.Efi);
    }

    private static void Make(string name, string signer, string slot)
    {
        var release = Path.Combine(TestImages.Releases, "swu-new");
        var work = Directory.CreateDirectory(Path.Combine(TestImages.Releases, "swu-keys", name)).FullName;
        File.WriteAllText($"{work}/note", "written\n");
        HostTool.Run("sh", "-c", $$"""
            set -e
            cd {{work}}
            cp {{release}}/boot.img {{release}}/root.squashfs .
            zstd -q -3 --rm boot.img
            sum() { sha256sum $1 | cut -d' ' -f1; }
            cat > sw-description << END
            software = { version = "2"; hardware-compatibility: [ "1.0" ];
              images: (
                { filename = "root.squashfs"; device = "/dev/disk/by-partlabel/firn-root-{{slot}}"; sha256 = "$(sum root.squashfs)"; installed-directly = true; },
                { filename = "boot.img.zst"; device = "/dev/disk/by-partlabel/firn-boot-{{slot}}"; sha256 = "$(sum boot.img.zst)"; compressed = "zstd"; } );
              files: ( { filename = "note"; path = "/etc/from-swu"; sha256 = "$(sum note)"; } );
              bootenv: ( { name = "rollout"; value = "two"; } ); };
            END
            openssl cms -sign -in sw-description -out sw-description.sig -signer ../{{signer}}.pem -inkey ../{{signer}}.key -outform DER -nosmimecap -binary
            printf '%s\n' sw-description sw-description.sig root.squashfs boot.img.zst note | cpio -o -H crc --quiet > ../../{{name}}.swu
            """);
    }
}
