#!/bin/bash
# From power-on to a login prompt in QEMU (TCG, EFI), a disk made by firn against the same done by hand, alternating.
#   benchmarks/boot-time.sh ROOTFS.tar [RUNS]      (default 5 runs; needs systemd and a serial getty)
set -euo pipefail
tar=$(realpath "$1") runs=${2:-5}
here=$(cd "$(dirname "$0")/.." && pwd)
"$here/publish.sh" > /dev/null
firn=$here/artifacts/firn/firn
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'name: bench\nversion: "1"\nsource: { tar: %s }\n' "$tar" > "$work/recipe.yaml"
"$firn" image build "$work/recipe.yaml" -o "$work/firn" > /dev/null 2>&1
"$here/benchmarks/image-by-hand.sh" "$tar" "$work/hand" 9 128K > /dev/null 2>&1
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
for _ in $(seq "$runs"); do
  for kind in firn hand; do
    "$firn" image test "$work/$kind/disk.img" "$here/benchmarks/boot.yaml" --efi --json > "$work/report.json" 2> "$work/errors" ||
      { cat "$work/errors" "$work/report.json" >&2; exit 1; }
    jq -r '[.[0].steps[] | select(.title | startswith("wait")) | .seconds] | @tsv' "$work/report.json" >> "$work/$kind.waits"
  done
done
for boot in 1 2; do
  f=$(cut -f$boot "$work/firn.waits" | median) h=$(cut -f$boot "$work/hand.waits" | median)
  echo "boot $boot: firn $f s, by hand $h s, ratio $(echo "scale=2; $f / $h" | bc)"
done
