namespace Firn.Formats.Payloads;

/// <summary>Finds blocks in old images, by length and hash.</summary>
internal static class BlockMatcher
{
    public static BlockPlan Match(BlockIndex index, IReadOnlyList<OldImage> old)
    {
        var wanted = index.Blocks.Select(block => block.Hash).ToHashSet();
        var places = new Dictionary<BlockHash, List<BlockOrigin>>();
        for (var image = 0; image < old.Count; image++)
            foreach (var block in old[image].Index.Blocks)
                if (!block.IsZeros && wanted.Contains(block.Hash)) Add(places, block, new(BlockOriginKind.Copy, image, block.Offset));
        return new(index, [.. index.Blocks.Select(block => Origin(block, places, old))]);
    }

    private static void Add(Dictionary<BlockHash, List<BlockOrigin>> places, IndexedBlock block, BlockOrigin place)
    {
        if (!places.TryGetValue(block.Hash, out var list)) places.Add(block.Hash, list = []);
        list.Add(place);
    }

    private static BlockOrigin Origin(IndexedBlock block, Dictionary<BlockHash, List<BlockOrigin>> places, IReadOnlyList<OldImage> old)
    {
        if (block.IsZeros) return new(BlockOriginKind.Zeros);
        if (!places.TryGetValue(block.Hash, out var found)) return new(BlockOriginKind.Fetch);
        var ahead = default(BlockOrigin);
        foreach (var place in found)
        {
            if (!old[place.Image].IsOverwritten) ahead = ahead.Kind == BlockOriginKind.Fetch ? place : ahead;
            else if (place.Offset == block.Offset) return place with { Kind = BlockOriginKind.InPlace };
        }
        if (ahead.Kind != BlockOriginKind.Fetch) return ahead;
        return found.FirstOrDefault(place => place.Offset > block.Offset);
    }
}
