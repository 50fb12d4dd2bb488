#!/bin/bash
# Bytes that an update needs, ours against casync, zchunk and xdelta3, on the version pairs of benchmarks/update-trees.sh.
#   benchmarks/update-bytes.sh TREES FIRN WORK [LEVEL]
# TREES holds the tar archives, FIRN is the program, WORK gets images; LEVEL is that of zstd (default 15, as mksquashfs).
# The peers see the very image that we update (casync, zchunk, xdelta3), and one without compression (casync, zchunk, xdelta3).
set -euo pipefail
trees=$1 firn=$2 work=$3 level=${4:-15}
mkdir -p "$work"
cd "$work"
squash() { # TAR IMAGE [PREVIOUS]
  [ -e "$2" ] || "$firn" image squash "$1" "$2" --level "$level" --cache cache ${3:+--previous "$3"} > "$2.log" 2>&1
}
plain() { # TAR IMAGE: the same tree without compression
  [ -e "$2" ] || mksquashfs - "$2" -tar -noI -noD -noF -noX -processors 2 -quiet -no-progress < "$1" > "$2.log" 2>&1
}
chunks() { # OLD NEW: bytes of new chunks and the index of casync, which compresses chunks with zstd
  rm -rf store-old store-new
  casync make --store=store-old old.caibx "$1" > /dev/null 2>&1
  casync make --store=store-new new.caibx "$2" > /dev/null 2>&1
  { cd store-new; find . -name '*.cacnk' -printf '%s %p\n' | while read -r size path; do [ -e "../store-old/$path" ] || echo "$size"; done; cd ..
    stat -c %s new.caibx; } | awk '{ sum += $1; n++ } END { printf "%.3f MB in %d requests\n", sum / 1e6, n }'
}
zchunks() { # OLD NEW
  zck -o old.zck "$1" > /dev/null 2>&1
  zck -o new.zck "$2" > /dev/null 2>&1
  zck_delta_size old.zck new.zck 2>&1 | tail -n 2 | tr '\n' ' '
  echo
}
vcdiff() { # OLD NEW
  xdelta3 -e -9 -S lzma -f -B 2147483648 -W 16777216 -s "$1" "$2" delta.xd3
  stat -c %s delta.xd3 | awk '{ printf "%.3f MB\n", $1 / 1e6 }'
}
pair() { # NAME OLD.tar NEW.tar
  [ -e "$trees/$2" ] && [ -e "$trees/$3" ] || { echo "$1: not there"; return; }
  squash "$trees/$2" "$1-old.squashfs"
  squash "$trees/$3" "$1-new.squashfs" "$1-old.squashfs"
  echo "$1: root image of $(stat -c %s "$1-new.squashfs") bytes, level $level"
  /usr/bin/time -f "  (%U s user, %S s system, %M KiB)" "$firn" image delta "$1-old.squashfs" "$1-new.squashfs" -o "$1.pack" 2> "$1.err" | sed 's/^/  firn /'
  tail -n 1 "$1.err"
  [ -n "${OURS_ONLY:-}" ] && return
  plain "$trees/$2" "$1-old.plain"
  plain "$trees/$3" "$1-new.plain"
  for kind in squashfs plain; do
    echo "  casync, $kind: $(chunks "$1-old.$kind" "$1-new.$kind")"
    echo "  zchunk, $kind: $(zchunks "$1-old.$kind" "$1-new.$kind")"
    echo "  xdelta3, $kind: $(vcdiff "$1-old.$kind" "$1-new.$kind")"
  done
}
for name in ${PAIRS:-S M L}; do
  case $name in
    S) pair S s-old.tar new.tar ;;
    M) pair M m-old.tar new.tar ;;
    L) pair L l-old.tar l-new.tar ;;
  esac
done
