using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>The page of a whole machine, asked by curl from outside.</summary>
public sealed class MachinesServeAPage
{
    private const string Password = "correct horse";

    [Fact, Trait("When", "Night")]
    public void A_file_from_a_browser_becomes_the_running_system()
    {
        var (repository, stranger) = (new PublishedRepository("web"), new PublishedRepository("web-stranger"));
        var password = HostTool.Run("openssl", "passwd", "-6", Password).Trim();
        string WithPage(string text) => text
            .Replace("firn update confirm --when-healthy &", "{ firn update confirm --when-healthy; firn agent web; } > /run/firn/web.log 2>&1 &")
            + $"  - {{ path: /etc/firn/web.password, mode: \"0600\", content: '{password}' }}\n{repository.Section}agent: {{ web: 8080 }}\n";
        var disk = TestImages.Build("tiny-web", "tiny", WithPage);
        TestImages.TinyRelease("web-2", WithPage, version: "2");
        foreach (var (one, name) in new[] { (repository, "web"), (stranger, "web-stranger") })
        {
            one.Publish("web-2");
            one.Run($"{Repository.MachineProgram} repo bundle stable/2 --repo repository -o ../{name}.bundle");
        }
        File.WriteAllText(Path.Combine(TestImages.Releases, "ask-page"), $$"""
            #!/bin/sh -e
            # ask-page ADDRESS SESSION PATH [FILE]: signs in if need be; prints what the page says
            at=$1 session=$2 path=$3
            ask() { curl -sk --max-time 110 -b "$session" -c "$session" -H "Origin: $at" "$@"; }
            [ -e "$session" ] || ask --data-binary '{{Password}}' "$at/api/login" | sed 's/.*"token":"\([^"]*\).*/\1/' > "$session.token"
            if [ -n "$4" ]; then ask -H "X-Firn-Token: $(cat "$session.token")" --data-binary "@$4" "$at$path"
            else ask -H "X-Firn-Token: $(cat "$session.token")" "$at$path"; fi
            """);

        Story.Passes("web-page", disk, FirmwareKind.Efi);
    }
}
