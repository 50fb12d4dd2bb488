#!/bin/bash
# Recipe to bootable disk, against the same done by hand, on the same root filesystem, in one run.
#   benchmarks/image-build.sh ROOTFS.tar [RUNS [LEVEL...]]      (default: 5 runs, levels 3, 9 and 15; alternating)
# *Cold* begins with an empty cache; *again* is the same build once more.
# Prints medians and ratios. By hand: benchmarks/image-by-hand.sh, which unpacks as root; firn reads the tar in place.
set -euo pipefail
tar=$(realpath "$1") runs=${2:-5} block=128K
shift $(($# < 2 ? $# : 2))
levels=${*:-3 9 15}
here=$(cd "$(dirname "$0")/.." && pwd)
"$here/publish.sh" > /dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
measure() { # FILE COMMAND...: wall seconds, CPU seconds, peak MiB
  local file=$1
  shift
  /usr/bin/time -f '%e %U %S %M' -o "$work/time" "$@" > "$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
  awk '{ print $1 >> f ".wall"; print $2 + $3 >> f ".cpu"; print $4 / 1024 >> f ".rss" }' f="$work/$file" "$work/time"
}
for level in $levels; do
  cat > "$work/recipe.yaml" <<R
name: bench
version: "1"
source: { tar: $tar }
squashfs: { level: $level, block: $block }
R
  rm -f "$work"/firn.* "$work"/again.* "$work"/hand.*
  for _ in $(seq "$runs"); do
    rm -rf "$work/cache"
    for kind in firn again; do
      measure $kind "$here/artifacts/firn/firn" image build "$work/recipe.yaml" -o "$work/firn-out" --cache "$work/cache"
    done
    measure hand "$here/benchmarks/image-by-hand.sh" "$tar" "$work/hand-out" "$level" "$block"
  done
  f=$(median "$work/firn.wall") h=$(median "$work/hand.wall")
  fs=$(stat -c %s "$work/firn-out/root.squashfs") hs=$(stat -c %s "$work/hand-out/root.squashfs")
  echo "level $level, block $block: firn $f s, again $(median "$work/again.wall") s, by hand $h s, ratio $(echo "scale=2; $f / $h" | bc);" \
    "CPU $(median "$work/firn.cpu") / $(median "$work/hand.cpu") s; peak $(median "$work/firn.rss" | cut -d. -f1) / $(median "$work/hand.rss" | cut -d. -f1) MiB;" \
    "root image $fs / $hs bytes, ratio $(echo "scale=4; $fs / $hs" | bc)"
done
