using System.Collections.Immutable;
using System.Text;

namespace Firn.Machine.Etc;

/// <summary>
/// Users and groups: files of lines whose first field is a name. They are merged name by name and field by field, so
/// that a new image can bring system users to a machine that has users of its own. passwd(5), group(5), shadow(5),
/// gshadow(5), subuid(5).
/// </summary>
internal sealed class AccountFile
{
    private readonly int[] _listFields;
    private readonly int? _idField;

    private AccountFile(int? idField = null, params int[] listFields) => (_idField, _listFields) = (idField, listFields);

    private static readonly Dictionary<string, AccountFile> Known = new()
    {
        ["passwd"] = new(idField: 2),
        ["group"] = new(idField: 2, listFields: 3),
        ["shadow"] = new(),
        ["gshadow"] = new(null, 2, 3),
        ["subuid"] = new(),
        ["subgid"] = new(),
    };

    /// <param name="path">Below /etc.</param>
    public static AccountFile? Of(string path) => Known.GetValueOrDefault(path);

    /// <summary>What useradd(8) and its kin keep of the time before: of no interest to anyone after an update.</summary>
    public static bool IsBackup(string path) => path.EndsWith('-') && Known.ContainsKey(path[..^1]);

    public (byte[] Content, ImmutableArray<string> Conflicts) Merge(byte[] old, byte[] local, byte[] next)
    {
        var conflicts = new List<string>();
        var (before, here, there) = (Parse(old), Parse(local), Parse(next));
        var merged = new List<string>();
        foreach (var name in there.Keys.Concat(here.Keys.Where(name => !there.ContainsKey(name))))
            merged.AddRange(Merge(
                name, before.GetValueOrDefault(name) ?? [], here.GetValueOrDefault(name) ?? [],
                there.GetValueOrDefault(name) ?? [], conflicts));
        FindSharedIds(merged, here, there, conflicts);
        return (Encoding.Latin1.GetBytes(string.Concat(merged.Select(line => line + "\n"))), [.. conflicts]);
    }

    /// <summary>Lines by name; Latin-1, because that keeps every byte as it is.</summary>
    private static OrderedDictionary<string, string[]> Parse(byte[] content)
    {
        var entries = new OrderedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var line in Encoding.Latin1.GetString(content).Split('\n').Where(line => line.Length > 0))
        {
            var name = line.Split(':', 2)[0];
            entries[name] = [.. entries.GetValueOrDefault(name) ?? [], line];
        }
        return entries;
    }

    private string[] Merge(string name, string[] old, string[] local, string[] next, List<string> conflicts)
    {
        if (local.SequenceEqual(old)) return next;
        if (next.SequenceEqual(old) || next.SequenceEqual(local)) return local;
        if (local is [var ours] && next is [var theirs]) return [MergeFields(name, old is [var was] ? was : null, ours, theirs, conflicts)];
        conflicts.Add($"{name}: {(local.Length == 0 ? "deleted here and changed" : "changed here and")} in the new image: as on this machine");
        return local;
    }

    private string MergeFields(string name, string? old, string local, string next, List<string> conflicts)
    {
        var (was, ours, theirs) = (old?.Split(':'), local.Split(':'), next.Split(':'));
        if (ours.Length == theirs.Length && (was is null || was.Length == ours.Length))
            return string.Join(':', ours.Select((_, field) => MergeField(name, field, was?[field], ours[field], theirs[field], conflicts)));
        conflicts.Add($"{name}: has another number of fields in the new image: as on this machine");
        return local;
    }

    private string MergeField(string name, int field, string? old, string local, string next, List<string> conflicts)
    {
        if (local == old) return next;
        if (next == old || next == local) return local;
        if (_listFields.Contains(field)) return MergeList(old ?? "", local, next);
        conflicts.Add($"{name}: field {field + 1} changed here and in the new image: as on this machine");
        return local;
    }

    private static string MergeList(string old, string local, string next)
    {
        var (was, ours, theirs) = (Members(old), Members(local), Members(next));
        return string.Join(',', theirs.Where(member => ours.Contains(member) || !was.Contains(member))
            .Concat(ours.Where(member => !theirs.Contains(member) && !was.Contains(member))));

        static string[] Members(string list) => [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries).Distinct()];
    }

    /// <summary>A user of this machine and a new one of the image can have got the same number: then they share files.</summary>
    private void FindSharedIds(
        List<string> merged, OrderedDictionary<string, string[]> here, OrderedDictionary<string, string[]> there,
        List<string> conflicts)
    {
        if (_idField is not { } idField) return;
        var lines = merged.Select(line => line.Split(':')).Where(fields => fields.Length > idField && fields[idField].Length > 0);
        foreach (var sharing in lines.GroupBy(fields => fields[idField], fields => fields[0]))
        {
            var names = sharing.Distinct().ToArray();
            if (names.Length > 1 && !names.All(here.ContainsKey) && !names.All(there.ContainsKey))
                conflicts.Add($"{string.Join(" and ", names)} have the same number {sharing.Key}: give this machine's own another one");
        }
    }
}
