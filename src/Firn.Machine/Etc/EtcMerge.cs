using System.Collections.Immutable;
using Firn.Formats.Trees;

namespace Firn.Machine.Etc;

/// <summary>
/// The three-way merge of /etc: what the machine changed since the old image is carried over to the new one. Where both
/// changed the same thing the machine's wins, the image's is kept beside it, and a conflict says so. Pure: no file is
/// touched.
/// </summary>
public sealed class EtcMerge
{
    public const string NewVersionSuffix = ".firn-new";
    private const int LongestName = 255;    // NAME_MAX

    private readonly List<EtcConflict> _conflicts = [];

    private EtcMerge() { }

    /// <param name="old">/etc of the image the machine ran.</param>
    /// <param name="local">/etc as the machine had it.</param>
    /// <param name="next">/etc of the image it is to run.</param>
    public static (FileTree Tree, ImmutableArray<EtcConflict> Conflicts) Run(FileTree old, FileTree local, FileTree next)
    {
        var merge = new EtcMerge();
        var result = new FileTree();
        merge.FillDirectory(result.Root, "", old.Root, local.Root, next.Root);
        return (result, [.. merge._conflicts]);
    }

    /// <summary>The node a name stands for after the merge, and what is to be kept beside it; each may be null.</summary>
    private (FileNode? Node, FileNode? Beside) Merge(string path, FileNode? old, FileNode? local, FileNode? next)
    {
        if (NodeComparison.AreEqual(local, old)) return (next, null);
        if (NodeComparison.AreEqual(next, old)) return (local, null);
        if (NodeComparison.AreEqual(local, next)) return (next, null);
        return (old, local, next) switch
        {
            (_, { IsDirectory: true }, { IsDirectory: true }) => (MergeDirectories(path, old, local, next), null),
            ({ IsDirectory: true }, { IsDirectory: true }, null) => (WhatIsLeft(path, old, local), null),
            ({ Kind: FileKind.File }, { Kind: FileKind.File }, { Kind: FileKind.File }) => MergeFiles(path, old, local, next),
            (null, { Kind: FileKind.File }, { Kind: FileKind.File }) when AccountFile.Of(path) is not null =>
                MergeFiles(path, EmptyLike(next), local, next),
            (_, null, _) => Conflict(path, "deleted here and changed in the new image: stays deleted", null, null),
            (_, _, null) => Conflict(path, "changed here and gone from the new image: kept", local, null),
            _ => Conflict(path, "changed here and in the new image: this machine's version is kept", local, next),
        };
    }

    private FileNode MergeDirectories(string path, FileNode? old, FileNode local, FileNode next)
    {
        var result = new FileNode(FileKind.Directory);
        FillDirectory(result, path, old is { IsDirectory: true } ? old : null, local, next);
        return result;
    }

    private void FillDirectory(FileNode result, string path, FileNode? old, FileNode local, FileNode next)
    {
        MergeMetadata(result, path, old ?? next, local, next);
        result.ModifiedSeconds = next.ModifiedSeconds;
        FillChildren(result, path, old?.Children, local.Children, next.Children);
    }

    private void FillChildren(
        FileNode result, string path, SortedDictionary<ByteString, FileNode>? old,
        SortedDictionary<ByteString, FileNode> local, SortedDictionary<ByteString, FileNode>? next)
    {
        var names = new SortedSet<ByteString>(local.Keys);
        if (old is not null) names.UnionWith(old.Keys);
        if (next is not null) names.UnionWith(next.Keys);

        var newVersions = new List<(ByteString, FileNode)>();
        foreach (var name in names)
        {
            var (node, beside) = Merge(
                path.Length == 0 ? name.ToString() : $"{path}/{name}",
                old?.GetValueOrDefault(name), local.GetValueOrDefault(name), next?.GetValueOrDefault(name));
            if (node is not null) result.Children[name] = node;
            if (beside is not null && name.Length + NewVersionSuffix.Length <= LongestName)
                newVersions.Add((new([.. name.Span, .. ".firn-new"u8]), beside));
        }
        // last: they replace those of an earlier update
        foreach (var (name, node) in newVersions) result.Children[name] = node;
    }

    /// <summary>Of a directory that the new image has no more: what this machine put or changed there.</summary>
    private FileNode? WhatIsLeft(string path, FileNode old, FileNode local)
    {
        var result = new FileNode(FileKind.Directory)
        {
            Mode = local.Mode,
            Uid = local.Uid,
            Gid = local.Gid,
            ModifiedSeconds = local.ModifiedSeconds,
            Attributes = local.Attributes,
        };
        FillChildren(result, path, old.Children, local.Children, null);
        return result.Children.Count == 0 ? null : result;
    }

    private (FileNode, FileNode?) MergeFiles(string path, FileNode old, FileNode local, FileNode next)
    {
        var result = new FileNode(FileKind.File);
        MergeMetadata(result, path, old, local, next);
        FileNode? beside = null;
        if (NodeComparison.HaveEqualContent(local.Content, old.Content)) TakeContent(next);
        else if (NodeComparison.HaveEqualContent(next.Content, old.Content)) TakeContent(local);
        else if (NodeComparison.HaveEqualContent(next.Content, local.Content)) TakeContent(next);
        else if (AccountFile.Of(path) is { } accounts) MergeAccounts(accounts);
        else if (AccountFile.IsBackup(path)) TakeContent(local);
        else
        {
            TakeContent(local);
            (_, beside) = Conflict(path, "changed here and in the new image: this machine's version is kept", local, next);
        }
        return (result, beside);

        void TakeContent(FileNode from) => (result.Content, result.ModifiedSeconds) = (from.Content, from.ModifiedSeconds);

        void MergeAccounts(AccountFile file)
        {
            var merged = file.Merge(old.Content.ReadAll(), local.Content.ReadAll(), next.Content.ReadAll());
            (result.Content, result.ModifiedSeconds) = (FileContent.Of(merged.Content), local.ModifiedSeconds);
            _conflicts.AddRange(merged.Conflicts.Select(problem => new EtcConflict(path, problem, null)));
        }
    }

    /// <summary>Mode, owner and attributes, each by itself.</summary>
    private void MergeMetadata(FileNode result, string path, FileNode old, FileNode local, FileNode next)
    {
        var problems = new List<string>();
        result.Mode = Pick(old.Mode, local.Mode, next.Mode, "mode");
        result.Uid = Pick(old.Uid, local.Uid, next.Uid, "owner");
        result.Gid = Pick(old.Gid, local.Gid, next.Gid, "group");
        result.Attributes =
            NodeComparison.HaveEqualAttributes(local, old) ? next.Attributes
            : NodeComparison.HaveEqualAttributes(next, old) || NodeComparison.HaveEqualAttributes(next, local) ? local.Attributes
            : Local(local.Attributes, "extended attributes");
        if (problems.Count > 0)
            Conflict(path, $"{string.Join(", ", problems)} changed here and in the new image: as on this machine", local, null);

        uint Pick(uint ofOld, uint ofLocal, uint ofNext, string what) =>
            ofLocal == ofOld ? ofNext : ofNext == ofOld || ofNext == ofLocal ? ofLocal : Local(ofLocal, what);

        T Local<T>(T value, string what)
        {
            problems.Add(what);
            return value;
        }
    }

    private (FileNode? Kept, FileNode? Beside) Conflict(string path, string problem, FileNode? kept, FileNode? beside)
    {
        var besidePath = beside is null || path.Length == 0 ? null : path + NewVersionSuffix;
        _conflicts.Add(new(path.Length == 0 ? "." : path, problem, besidePath));
        return (kept, beside);
    }

    private static FileNode EmptyLike(FileNode node) => new(FileKind.File)
    {
        Mode = node.Mode,
        Uid = node.Uid,
        Gid = node.Gid,
        Attributes = node.Attributes,
    };
}
