#!/bin/bash
# Recipe to bootable disk, against the same done by hand, on the same root filesystem, in one run.
#   benchmarks/image-build.sh ROOTFS.tar [RUNS]      (default 5 runs; alternating, so that both see the same machine)
# Prints medians and ratios. By hand: benchmarks/image-by-hand.sh, which unpacks as root; firn reads the tar in place.
set -euo pipefail
tar=$(realpath "$1") runs=${2:-5}
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
for setting in "3 128K" "9 128K" "15 128K"; do
  # shellcheck disable=SC2086
  set -- $setting
  cat > "$work/recipe.yaml" <<R
name: bench
version: "1"
source: { tar: $tar }
squashfs: { level: $1, block: $2 }
R
  rm -f "$work"/firn.* "$work"/hand.*
  for _ in $(seq "$runs"); do
    measure firn "$here/artifacts/firn/firn" image build "$work/recipe.yaml" -o "$work/firn-out"
    measure hand "$here/benchmarks/image-by-hand.sh" "$tar" "$work/hand-out" "$1" "$2"
  done
  f=$(median "$work/firn.wall") h=$(median "$work/hand.wall")
  fs=$(stat -c %s "$work/firn-out/root.squashfs") hs=$(stat -c %s "$work/hand-out/root.squashfs")
  echo "level $1, block $2: firn $f s, by hand $h s, ratio $(echo "scale=2; $f / $h" | bc);" \
    "CPU $(median "$work/firn.cpu") / $(median "$work/hand.cpu") s; peak $(median "$work/firn.rss" | cut -d. -f1) / $(median "$work/hand.rss" | cut -d. -f1) MiB;" \
    "root image $fs / $hs bytes, ratio $(echo "scale=4; $fs / $hs" | bc)"
done
