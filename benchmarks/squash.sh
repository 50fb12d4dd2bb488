#!/bin/bash
# firn image squash against mksquashfs, on the same tree with the same threads, in one run, interleaved.
#   benchmarks/squash.sh DIRECTORY [RUNS] [PART...]      DIRECTORY: new.tar and old.tar of squash-trees.sh; 5 runs
# Parts: cold3 cold15 default warm table. Prints medians (wall, CPU, peak) and ratios. mksquashfs reads the unpacked tree,
# firn the tar. As root, for owners and devices. What it compares with is in the page cache for both.
set -euo pipefail
trees=$(realpath "$1") runs=${2:-5}
shift $(($# > 1 ? 2 : 1))
parts=${*:-cold3 cold15 default warm table}
here=$(cd "$(dirname "$0")/.." && pwd)
firn=$here/artifacts/firn/firn
[ -x "$firn" ] || "$here/publish.sh"
work=$(mktemp -d "$trees/bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
threads=$(nproc)
export SOURCE_DATE_EPOCH=1767225600
tree=$trees/new
[ -d "$tree" ] || { mkdir "$tree"; tar -xpf "$trees/new.tar" -C "$tree" --numeric-owner; }
cat "$trees/new.tar" > /dev/null

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
measure() { # NAME COMMAND...: adds wall seconds, CPU seconds, peak MiB
  local name=$1
  shift
  /usr/bin/time -f '%e %U %S %M' -o "$work/time" "$@" > "$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
  tail -1 "$work/time" | awk '{ print $1 >> f ".wall"; print $2 + $3 >> f ".cpu"; print $4 / 1024 >> f ".peak" }' f="$work/$name"
}
peer() { measure "$1" mksquashfs "$tree" "$work/peer.img" -comp zstd -Xcompression-level "$2" -b "$3" -noappend -processors "$threads" -quiet -no-progress; }
show() { printf '%-28s %7.2f s wall %7.2f s CPU %5.0f MiB\n' "$1" "$(median "$work/$1.wall")" "$(median "$work/$1.cpu")" "$(median "$work/$1.peak")"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }
compare() { # OURS THEIRS
  show "$1"; show "$2"
  echo "  ratio: wall $(ratio "$(median "$work/$1.wall")" "$(median "$work/$2.wall")")," \
    "CPU $(ratio "$(median "$work/$1.cpu")" "$(median "$work/$2.cpu")"), peak $(ratio "$(median "$work/$1.peak")" "$(median "$work/$2.peak")")"
}
size() { stat -c %s "$1"; }

for part in $parts; do
  echo "== $part"
  case $part in
    cold3 | cold15)
      level=${part#cold}
      for _ in $(seq "$runs"); do
        measure "firn-$level" "$firn" image squash "$trees/new.tar" "$work/firn.img" --level "$level" --block 128K --threads "$threads"
        peer "mksquashfs-$level" "$level" 131072
      done
      compare "firn-$level" "mksquashfs-$level"
      echo "  size: $(size "$work/firn.img") / $(size "$work/peer.img") = $(ratio "$(size "$work/firn.img")" "$(size "$work/peer.img")")"
      read -r wall cpu _ < <("$here/benchmarks/zstd-own-time.py" "$trees/new.tar" "$level" 131072 "$threads")
      echo "  libzstd alone: $wall s wall, $cpu s CPU; firn / libzstd = $(ratio "$(median "$work/firn-$level.wall")" "$wall") wall"
      ;;
    default)
      for _ in $(seq "$runs"); do
        measure firn-default "$firn" image squash "$trees/new.tar" "$work/firn.img"
        peer mksquashfs-default 15 131072
      done
      compare firn-default mksquashfs-default
      echo "  size: $(size "$work/firn.img") / $(size "$work/peer.img") = $(ratio "$(size "$work/firn.img")" "$(size "$work/peer.img")")"
      ;;
    warm)
      # One file of 100 bytes changed; and one package. Each with a cache that has seen the tree before.
      mkdir -p "$work/change/etc"
      head -c 100 /dev/urandom > "$work/change/etc/firn-bench"
      cp "$trees/new.tar" "$work/changed.tar"
      tar -rf "$work/changed.tar" -C "$work/change" ./etc/firn-bench
      for _ in $(seq "$runs"); do
        rm -rf "$work/cache"
        "$firn" image squash "$trees/new.tar" "$work/firn.img" --level 15 --block 128K --cache "$work/cache" 2> "$work/out"
        measure firn-one-file "$firn" image squash "$work/changed.tar" "$work/firn.img" --level 15 --block 128K --cache "$work/cache"
        rm -rf "$work/cache"
        "$firn" image squash "$trees/old.tar" "$work/firn-old.img" --level 15 --block 128K --cache "$work/cache" 2> "$work/out"
        measure firn-package "$firn" image squash "$trees/new.tar" "$work/firn.img" --level 15 --block 128K --cache "$work/cache"
        peer mksquashfs-rebuild 15 131072
      done
      compare firn-one-file mksquashfs-rebuild
      compare firn-package mksquashfs-rebuild
      ;;
    table)
      # level × block → size, time to make, time the kernel needs to read all (pages dropped before)
      for block in 64K 128K 256K 1M; do
        for level in 1 3 6 9 12 15 19; do
          measure "t-$level-$block" "$firn" image squash "$trees/new.tar" "$work/t.img" --level "$level" --block "$block"
          mkdir -p "$work/mount"
          mount -o loop,ro "$work/t.img" "$work/mount"
          sync; echo 3 > /proc/sys/vm/drop_caches; cat "$work/t.img" > /dev/null
          began=$(date +%s.%N)
          find "$work/mount" -type f -print0 | xargs -0 cat > /dev/null
          read=$(echo "$(date +%s.%N) - $began" | bc)
          umount "$work/mount"
          echo "| $level | $block | $(size "$work/t.img") | $(median "$work/t-$level-$block.wall") | $(median "$work/t-$level-$block.cpu") | $read |"
        done
      done
      ;;
  esac
done
