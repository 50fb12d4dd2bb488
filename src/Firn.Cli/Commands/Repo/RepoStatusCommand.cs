using System.CommandLine;
using System.Globalization;
using Firn.Cli.Rendering;
using Firn.Publishing.Care;

namespace Firn.Cli.Commands.Repo;

internal static class RepoStatusCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var warnBefore = RepoCommands.Time("--warn-before", "Exit with 6 when less than this is left of a role (default: a third of its life)");
        var command = new Command("status", "Show what expires when, who may sign what, and what waits for whom; exits with 6 if something expires soon, 4 if it has") { warnBefore };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            using var editor = options.Open(parsed);
            using var ring = options.Keys(parsed);
            var status = RepositoryStatus.Of(editor.Files.Name, editor.Draft, ring, parsed.GetValue(warnBefore));
            Result.Print(parsed.InvocationConfiguration.Output, status, options.IsJson(parsed), RepoJson.Default.RepositoryStatus, result => Lines(result, wiring.Clock.GetUtcNow()));
            return status.Worst switch
            {
                Freshness.Expired => ExitCode.Untrusted,
                Freshness.ExpiresSoon => ExitCode.ExpiresSoon,
                _ => 0,
            };
        });
        return command;
    }

    private static IEnumerable<string> Lines(RepositoryStatus status, DateTimeOffset now)
    {
        foreach (var role in status.Roles)
        {
            yield return $"{role.Role,-10} {Describe(role, now)}";
            yield return $"           {role.Threshold} of {string.Join(", ", role.Keys.Select(Describe))}";
            if (role.StagedVersion is { } version)
                yield return string.Create(CultureInfo.InvariantCulture, $"           staged: version {version}, {Missing(role.MissingSignatures)}");
        }
    }

    private static string Describe(RoleStatus role, DateTimeOffset now)
    {
        if (role.Expires is not { } expires) return "not published yet";
        var left = expires - now;
        var time = left.Duration() is { TotalDays: >= 2 } days ? $"{(int)days.TotalDays} days" : $"{(int)left.Duration().TotalHours} hours";
        return string.Create(CultureInfo.InvariantCulture, $"version {role.Version}, ") + role.Freshness switch
        {
            Freshness.Expired => $"EXPIRED {time} ago, on {expires:yyyy-MM-dd HH:mm}Z: machines refuse it",
            Freshness.ExpiresSoon => $"expires SOON, in {time}, on {expires:yyyy-MM-dd HH:mm}Z",
            _ => $"expires in {time}, on {expires:yyyy-MM-dd HH:mm}Z",
        };
    }

    private static string Describe(KeyStatus key) => $"{RepoCommands.Short(key.Id)}{(key.Name is null ? "" : $" ({key.Name})")}{(key.HasSigned == true ? " signed" : "")}";

    private static string Missing(int count) => count == 0 ? "signed" : $"{count} more {(count == 1 ? "signature" : "signatures")} needed";
}
