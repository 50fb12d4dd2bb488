#!/bin/bash
# How an image grows over twenty successive updates with --previous, against one laid out anew each time.
#   benchmarks/squash-drift.sh ROOTFS.tar [FILES-PER-UPDATE]      default 150 of all files, each grown or shrunk by up to 10 %
set -euo pipefail
tar=$(realpath "$1") files=${2:-150}
here=$(cd "$(dirname "$0")/.." && pwd)
firn=$here/artifacts/firn/firn
work=$(mktemp -d "$(dirname "$tar")/drift.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/tree" && tar -xpf "$tar" -C "$work/tree" --numeric-owner
"$firn" image squash "$work/tree" "$work/image" --level 3 2> "$work/log" > "$work/out"
for round in $(seq 20); do
  python3 - "$work/tree" "$files" "$round" <<'P'
import os, random, sys
tree, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
pick = random.Random(seed)
every = sorted(os.path.join(d, f) for d, _, fs in os.walk(tree) for f in fs)
every = [path for path in every if os.path.isfile(path) and not os.path.islink(path) and os.path.getsize(path) > 0]
for path in pick.sample(every, count):
    with open(path, "rb") as f: old = f.read()
    at = pick.randrange(len(old))
    cut, add = pick.randrange(len(old) // 10 + 1), old[:pick.randrange(len(old) // 10 + 1)]
    with open(path, "wb") as f: f.write(old[:at] + bytes([pick.randrange(256)]) + add + old[at + cut:])
P
  "$firn" image squash "$work/tree" "$work/next" --previous "$work/image" --json 2> "$work/log" > "$work/json"
  mv "$work/next" "$work/image"
  "$firn" image squash "$work/tree" "$work/fresh" --level 3 2> "$work/log" > "$work/out"
  python3 - "$work" "$round" <<'P'
import json, os, sys
r, size, fresh = json.load(open(sys.argv[1] + "/json")), os.path.getsize(sys.argv[1] + "/image"), os.path.getsize(sys.argv[1] + "/fresh")
l = r["layout"]
print(f"update {sys.argv[2]:>2}: {size} bytes, {100 * size / fresh - 100:.2f} % above a fresh one; new {l['newBytes']}, gaps {l['gapBytes']}, dead {l['deadBytes']}")
P
done
