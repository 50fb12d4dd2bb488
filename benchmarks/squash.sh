#!/bin/bash
# firn image squash against mksquashfs, libzstd and unsquashfs: same tree, same threads, one run, interleaved. Prints rows for
# docs/performance.md; medians. As root, for owners, devices and mounts. Content is in the page cache for all.
#   benchmarks/squash.sh DIRECTORY RUNS PART...      DIRECTORY: new.tar and old.tar of squash-trees.sh; 5 runs are the aim
# Parts, each of at most 8 minutes with 5 runs on 2 quiet processors:
#   cold3 cold15         firn from the tar, mksquashfs from the unpacked tree: same level, 128 KiB
#   own3 own15           firn against libzstd's own time for the same blocks
#   default              the default level and block against mksquashfs' default (15, 128 KiB)
#   warm-file warm-package    with a cache, level 15, against mksquashfs from scratch
#   growth               0.5, 1, 2 and 4 GB, level 3: time and memory
#   drift                twenty updates with --previous (squash-drift.sh)
#   read                 listing and extraction on one processor against unsquashfs
#   table-LEVEL[-BLOCK]  size, time to make, and what the kernel needs to read it; blocks of 64K to 1M (table-19: name a block)
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,15s/^# \?//p' "$0" >&2; exit 2; }
trees=$(realpath "$1") runs=$2
shift 2
here=$(cd "$(dirname "$0")/.." && pwd)
firn=${FIRN:-$here/artifacts/firn/firn}
[ -x "$firn" ] || "$here/publish.sh" >&2
work=$(mktemp -d "$trees/bench.XXXXXX")
fast=$(mktemp -d /dev/shm/firn-bench.XXXXXX)    # extraction goes to memory: the disk is nobody's merit
mounted=
trap '[ -z "$mounted" ] || umount "$mounted"; rm -rf "$work" "$fast"' EXIT
threads=$(nproc)
export SOURCE_DATE_EPOCH=1767225600
tree=$trees/new

unpack() {
  [ -d "$tree" ] || { mkdir "$tree" && tar -xpf "$trees/new.tar" -C "$tree" --numeric-owner; }
  cat "$trees/new.tar" > /dev/null
  find "$tree" -type f -exec cat {} + > /dev/null
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf (b == 0) ? "-" : "%.3f", a / b }'; }
size() { stat -c %s "$1"; }
measure() { # NAME COMMAND...: adds wall seconds, CPU seconds, peak MiB
  local name=$1
  shift
  /usr/bin/time -f '%e %U %S %M' -o "$work/time" "$@" > "$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
  tail -1 "$work/time" | awk '{ print $1 >> f ".wall"; print $2 + $3 >> f ".cpu"; print $4 / 1024 >> f ".peak" }' f="$work/$name"
}
of() { median "$work/$1.$2"; }
squash() { "$firn" image squash "$@" --threads "$threads" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }; }
ours() { local name=$1; shift; measure "$name" "$firn" image squash "$trees/new.tar" "$work/firn.img" --threads "$threads" "$@"; }
peer() { measure "$1" mksquashfs "$tree" "$work/peer.img" -comp zstd -Xcompression-level "$2" -b 131072 -noappend -processors "$threads" -quiet -no-progress; }
heading() { echo "| part | runs | firn wall / CPU s | $1 wall / CPU s | wall ratio | CPU ratio | peak MiB | size ratio |"; echo "|---|---|---|---|---|---|---|---|"; }
row() { # TITLE OURS THEIRS SIZE-RATIO
  printf '| %s | %s | %.2f / %.2f | %.2f / %.2f | %s | %s | %.0f / %.0f | %s |\n' "$1" "$runs" "$(of "$2" wall)" "$(of "$2" cpu)" \
    "$(of "$3" wall)" "$(of "$3" cpu)" "$(ratio "$(of "$2" wall)" "$(of "$3" wall)")" "$(ratio "$(of "$2" cpu)" "$(of "$3" cpu)")" \
    "$(of "$2" peak)" "$(of "$3" peak)" "$4"
}
sizes() { echo "$(ratio "$(size "$work/firn.img")" "$(size "$work/peer.img")") ($(size "$work/firn.img"))"; }

cold() { # LEVEL
  unpack
  for _ in $(seq "$runs"); do ours ours --level "$1" --block 128K; peer peer "$1"; done
  heading mksquashfs
  row "cold, level $1, 128 KiB" ours peer "$(sizes)"
}
own() { # LEVEL
  unpack
  for _ in $(seq "$runs"); do
    ours ours --level "$1" --block 128K
    "$here/benchmarks/zstd-own-time.py" "$trees/new.tar" "$1" 131072 "$threads" | awk '{ print $1 >> f ".wall"; print $2 >> f ".cpu"; print 0 >> f ".peak" }' f="$work/own"
  done
  heading "libzstd alone"
  row "level $1, 128 KiB" ours own -
}
default() {
  unpack
  for _ in $(seq "$runs"); do ours ours; peer peer 15; done
  heading "mksquashfs -15"
  row "default" ours peer "$(sizes)"
}
warm() { # TITLE BEFORE AFTER: tar files
  unpack
  squash "$2" "$work/before.img" --level 15 --block 128K --cache "$work/full"
  cat "$3" > /dev/null
  for _ in $(seq "$runs"); do
    rm -rf "$work/cache" && cp -a "$work/full" "$work/cache"
    measure ours "$firn" image squash "$3" "$work/firn.img" --level 15 --block 128K --cache "$work/cache" --threads "$threads"
    peer peer 15
  done
  heading "mksquashfs -15, from scratch"
  row "warm, $1" ours peer "$(sizes)"
}
changed() {
  mkdir -p "$work/change/etc"
  head -c 100 /dev/urandom > "$work/change/etc/firn-bench"
  cp "$trees/new.tar" "$work/changed.tar"
  tar -rf "$work/changed.tar" -C "$work/change" ./etc/firn-bench
}
growth() {
  echo "| content | runs | wall s | CPU s | CPU s per GB | peak MiB |"
  echo "|---|---|---|---|---|---|"
  for megabytes in 500 1000 2000 4000; do
    # The tree over and over, each file with a beginning of its own, so that none is a duplicate.
    python3 - "$trees/new.tar" "$work/large.tar" "$megabytes" <<'P'
import io, sys, tarfile
source, target, left = sys.argv[1], sys.argv[2], int(sys.argv[3]) * 10**6
with tarfile.open(source) as old, tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as new:
    members, copy = [m for m in old if m.isreg() and m.size > 0], 0
    while left > 0:
        for number, member in enumerate(members):
            if left <= 0: break
            content = b"%8d" % copy + b"%8d" % number + old.extractfile(member).read()
            info = tarfile.TarInfo(f"{copy}/{member.name}")
            info.size, info.mode = len(content), member.mode
            new.addfile(info, io.BytesIO(content))
            left -= len(content)
        copy += 1
P
    for _ in $(seq "$runs"); do
      cat "$work/large.tar" > /dev/null
      measure "grow-$megabytes" "$firn" image squash "$work/large.tar" "$work/firn.img" --level 3 --block 128K --threads "$threads"
    done
    printf '| %s MB | %s | %.2f | %.2f | %s | %.0f |\n' "$megabytes" "$runs" "$(of "grow-$megabytes" wall)" "$(of "grow-$megabytes" cpu)" \
      "$(ratio "$(of "grow-$megabytes" cpu)" "$(awk -v m="$megabytes" 'BEGIN { print m / 1000 }')")" "$(of "grow-$megabytes" peak)"
  done
}
read_one() { # LEVEL: on one processor
  squash "$trees/new.tar" "$work/read.img" --level "$1" --block 128K
  for _ in $(seq "$runs"); do
    measure list taskset -c 0 "$firn" image ls --long "$work/read.img"
    measure peer-list taskset -c 0 unsquashfs -lln "$work/read.img"
    measure extract taskset -c 0 "$firn" image unsquash "$work/read.img" -d "$fast/firn" --threads 1
    rm -rf "$fast/firn"
    measure peer-extract taskset -c 0 unsquashfs -quiet -no-progress -processors 1 -d "$fast/peer" "$work/read.img"
    rm -rf "$fast/peer"
  done
  heading unsquashfs
  row "list, one processor" list peer-list -
  row "extract, one processor" extract peer-extract -
}
kernel() { # NAME LIST: seconds, and MiB of the image the kernel asked for, to read the files of a list with no page of them cached
  local device began before after
  mounted=$work/mount
  mkdir -p "$mounted"
  mount -o loop,ro "$work/t.img" "$mounted"
  device=$(basename "$(findmnt -n -o SOURCE "$mounted")")
  sync; echo 3 > /proc/sys/vm/drop_caches; cat "$work/t.img" > /dev/null
  before=$(awk '{ print $3 }' "/sys/block/$device/stat") began=$(date +%s.%N)
  (cd "$mounted" && xargs -0 cat -- < "$2" > /dev/null)
  echo "$(date +%s.%N) $began" | awk '{ print $1 - $2 }' >> "$work/$1.wall"
  after=$(awk '{ print $3 }' "/sys/block/$device/stat")
  echo $(((after - before) / 2048)) >> "$work/$1.peak"
  umount "$mounted"
  mounted=
}
table() { # LEVEL BLOCK...
  local level=$1
  shift
  unpack
  (cd "$tree" && find . -type f -print0 | sort -z) > "$work/all"
  (cd "$tree" && find . -type f -size -64k -print0 | sort -z | shuf -z -n 2000 --random-source=<(yes)) > "$work/small"
  echo "| level | block | runs | bytes | make: wall / CPU s | kernel, all files in path order: s, MiB | 2,000 small files at random: s, MiB |"
  echo "|---|---|---|---|---|---|---|"
  for block in "$@"; do
    for _ in $(seq "$runs"); do
      # Above level 9 making it takes minutes: once.
      if [ "$level" -le 9 ] || [ ! -s "$work/$level-$block.wall" ]; then
        measure "$level-$block" "$firn" image squash "$trees/new.tar" "$work/t.img" --level "$level" --block "$block"
      fi
      kernel "all-$level-$block" "$work/all"
      kernel "small-$level-$block" "$work/small"
    done
    printf '| %s | %s | %s | %s | %.2f / %.2f | %.2f, %.0f | %.2f, %.0f |\n' "$level" "$block" "$runs" "$(size "$work/t.img")" \
      "$(of "$level-$block" wall)" "$(of "$level-$block" cpu)" "$(of "all-$level-$block" wall)" "$(of "all-$level-$block" peak)" \
      "$(of "small-$level-$block" wall)" "$(of "small-$level-$block" peak)"
  done
}

for part in "$@"; do
  rm -f "$work"/*.wall "$work"/*.cpu "$work"/*.peak
  echo "<!-- $part, $(date -u +%F), load $(cut -d' ' -f1 /proc/loadavg) before -->"
  case $part in
    cold3 | cold15) cold "${part#cold}" ;;
    own3 | own15) own "${part#own}" ;;
    default) default ;;
    warm-file) changed; warm "a file of 100 bytes added, level 15" "$trees/new.tar" "$work/changed.tar" ;;
    warm-package) warm "one package upgraded, level 15" "$trees/old.tar" "$trees/new.tar" ;;
    growth) growth ;;
    drift) FIRN=$firn "$here/benchmarks/squash-drift.sh" "$trees/new.tar" ;;
    read) read_one 15 ;;
    table-*-*) IFS=- read -r _ level block <<< "$part"; table "$level" "$block" ;;
    table-*) table "${part#table-}" 64K 128K 256K 512K 1M ;;
    *) echo "$part: no such part" >&2; exit 2 ;;
  esac
  rm -rf "$work"/{cache,full,*.img,*.tar}
done
