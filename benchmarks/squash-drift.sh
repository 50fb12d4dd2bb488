#!/bin/bash
# How an image grows over twenty successive updates with --previous, against one laid out anew each time, and what each
# update brings. Says when the excess passes 2, 5 and 10 %. Six minutes on 2 processors; exact, so once is enough.
#   benchmarks/squash-drift.sh ROOTFS.tar [FILES-PER-UPDATE]      default 150 of all files, each grown or shrunk by up to 10 %
set -euo pipefail
tar=$(realpath "$1") files=${2:-150}
here=$(cd "$(dirname "$0")/.." && pwd)
firn=${FIRN:-$here/artifacts/firn/firn}
work=$(mktemp -d "$(dirname "$tar")/drift.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/tree" && tar -xpf "$tar" -C "$work/tree" --numeric-owner
squash() { "$firn" image squash "$work/tree" "$@" 2> "$work/log" > "$work/json" || { cat "$work/log" >&2; exit 1; }; }
squash "$work/image" --level 3
echo "| update | bytes | above a fresh image | new blocks | moved | gaps | dead in shared blocks |"
echo "|---|---|---|---|---|---|---|"
for round in $(seq 20); do
  python3 - "$work/tree" "$files" "$round" <<'P'
import os, random, sys
tree, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
pick = random.Random(seed)
every = sorted(os.path.join(d, f) for d, _, fs in os.walk(tree) for f in fs)
every = [path for path in every if os.path.isfile(path) and not os.path.islink(path) and os.path.getsize(path) > 0]
for path in pick.sample(every, min(count, len(every))):
    with open(path, "rb") as f: old = f.read()
    at = pick.randrange(len(old))
    cut, add = pick.randrange(len(old) // 10 + 1), old[:pick.randrange(len(old) // 10 + 1)]
    with open(path, "wb") as f: f.write(old[:at] + bytes([pick.randrange(256)]) + add + old[at + cut:])
P
  squash "$work/fresh" --level 3
  squash "$work/next" --previous "$work/image" --json
  mv "$work/next" "$work/image"
  python3 - "$work" "$round" <<'P'
import json, os, sys
work, round = sys.argv[1:]
layout, size, fresh = json.load(open(f"{work}/json"))["layout"], os.path.getsize(f"{work}/image"), os.path.getsize(f"{work}/fresh")
above = 100 * size / fresh - 100
print(f"| {round} | {size} | {above:.2f} % | {layout['newBytes']} | {layout['movedBytes']} | {layout['gapBytes']} | {layout['deadBytes']} |")
open(f"{work}/above", "a").write(f"{round} {above}\n")
P
done
awk '{ for (p = 1; p <= 3; p++) { l = p == 1 ? 2 : p == 2 ? 5 : 10; if ($2 > l && !(l in at)) at[l] = $1 } }
  END { for (p = 1; p <= 3; p++) { l = p == 1 ? 2 : p == 2 ? 5 : 10; printf "more than %d %% above: %s\n", l, (l in at) ? "from update " at[l] " on" : "never within twenty" } }' "$work/above"
