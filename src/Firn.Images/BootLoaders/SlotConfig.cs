using System.Text;
using Firn.Images.Recipes;
using Firn.Images.Verity;

namespace Firn.Images.BootLoaders;

/// <summary>
/// <c>slot.cfg</c> of a boot image: kernel parameters that belong to a version, as variables of GRUB's script language.
/// <c>grub.cfg</c> reads it and adds which slot it is.
/// </summary>
internal static class SlotConfig
{
    /// <param name="recipe">What the image is made of.</param>
    /// <param name="verity">What vouches for the root image; null if nothing does.</param>
    public static string Create(Recipe recipe, VerityRoot? verity)
    {
        var options = new List<string> { "ro" };
        options.Add("console=tty0");
        if (recipe.SerialConsole is { } serial) options.Add($"console={serial},115200");
        // gpt: the kernel looks at the backup table too. gpt_auto=0: systemd must not mount the system partition by itself.
        options.AddRange(["panic=10", "gpt", "systemd.gpt_auto=0", $"firn.tries={recipe.Update.Tries}"]);
        if (recipe.Update.Watchdog is { } watchdog) options.Add($"firn.watchdog={(int)watchdog.TotalSeconds}");
        if (verity is not null) options.Add(verity.ToParameter());
        if (recipe.Kernel.CommandLine.Length > 0) options.Add(recipe.Kernel.CommandLine);
        var text = new StringBuilder();
        text.Append($"set slot_options={Quote(string.Join(' ', options))}\n");
        text.Append($"set trial_options='firn.deadline={(int)recipe.Update.Deadline.TotalSeconds}'\n");
        return text.ToString();
    }

    /// <summary>In single quotes nothing is special to GRUB; the recipe allows no quote in a command line.</summary>
    private static string Quote(string text) =>
        text.Contains('\'') ? throw new ArgumentException("a kernel command line cannot contain a single quote") : $"'{text}'";
}
