#!/bin/bash
# Updates as a machine does them, over HTTP from a plain web server: bytes, requests, time, CPU and memory.
#   benchmarks/update-install.sh TREES FIRN WORK [RUNS [BLOCK [LEVEL]]]
# TREES: archives of benchmarks/update-trees.sh; FIRN: the program; WORK keeps what is built; 3 runs, blocks and level as recipes have them.
# For each pair: with a pack from the version before (delta); without (any older version); the whole release from a directory on the same
# disk (full); and 'update status', which is what the program takes by itself (idle). Each with an empty idle slot, interleaved; medians.
set -euo pipefail
trees=$(realpath "$1") firn=$(realpath "$2") work=$3 runs=${4:-3} block=${5:-512K} level=${6:-9}
mkdir -p "$work"
work=$(realpath "$work")
port=${PORT:-8765}
build() { # TAR OUTPUT VERSION [PREVIOUS]
  [ -e "$2/manifest.json" ] && return
  printf 'name: bench\nversion: "%s"\nsource: { tar: %s }\nsquashfs: { level: %s, block: %s }\n' "$3" "$1" "$level" "$block" > "$2.yaml"
  "$firn" image build "$2.yaml" -o "$2" --cache "$work/cache" ${4:+--previous "$4"} > "$2.log" 2>&1 || { cat "$2.log" >&2; exit 1; }
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
measure() { # NAME COMMAND...: adds wall seconds, CPU seconds, peak MiB; the result stays in NAME.json
  local name=$1
  shift
  cp --reflink=never "$release/$pair-old/disk.img" "$work/disk.img"
  sync
  /usr/bin/time -f '%e %U %S %M' -o "$work/time" "$@" --json > "$work/$name.json" 2> "$work/err" || { cat "$work/err" >&2; exit 1; }
  tail -1 "$work/time" | awk '{ print $1 >> f ".wall"; print $2 + $3 >> f ".cpu"; print $4 / 1024 >> f ".peak" }' f="$work/$name"
}
for pair in ${PAIRS:-S M L}; do
  release=$work
  case $pair in
    S) old=s-old.tar new=new.tar ;;
    M) old=m-old.tar new=new.tar ;;
    L) old=l-old.tar new=l-new.tar ;;
  esac
  build "$trees/$old" "$work/$pair-old" 1
  build "$trees/$new" "$work/$pair-new" 2 "$work/$pair-old/root.squashfs"
  repository=$work/$pair-repository
  export FIRN_KEYS=$work/$pair-keys
  if [ ! -e "$repository/done" ]; then
    rm -rf "$repository"
    ("$firn" repo init "$repository" --no-passphrase && cd "$repository" && "$firn" repo delegate stable --no-passphrase && "$firn" repo add "$work/$pair-old" --channel stable &&
      "$firn" repo add "$work/$pair-new" --channel stable --delta-from last:1) > "$repository.log" 2>&1 || { cat "$repository.log" >&2; exit 1; }
    touch "$repository/done"
  fi
  www=$work/$pair-www    # plain names, without the hashes that targets begin with
  rm -rf "$www"
  mkdir "$www"
  for file in "$repository"/targets/stable/bench-2-*/*; do ln "$file" "$www/$(basename "$file" | cut -d. -f2-)"; done
  busybox httpd -f -p "127.0.0.1:$port" -h "$www" &
  server=$!
  trap 'kill $server' EXIT
  rm -f "$work"/*.wall "$work"/*.cpu "$work"/*.peak
  cat "$www"/* > /dev/null
  for _ in $(seq "$runs"); do
    measure delta "$firn" update install "http://127.0.0.1:$port" --disk "$work/disk.img" --tries 3 --fast
    measure any "$firn" update install "http://127.0.0.1:$port" --disk "$work/disk.img" --tries 3 --fast --memory 8M
    measure full "$firn" update install "$work/$pair-new" --disk "$work/disk.img" --tries 3 --fast
    measure plan "$firn" update plan "http://127.0.0.1:$port" --disk "$work/disk.img"
    measure idle "$firn" update status --disk "$work/disk.img"
  done
  kill "$server"
  trap - EXIT
  echo "$pair: root image $(stat -c %s "$work/$pair-new/root.squashfs") bytes, boot image $(stat -c %s "$work/$pair-new/boot.img"), level $level, blocks of $block"
  find "$www" -name '*.pack' -printf '  %s %f\n'
  for name in delta any full idle; do
    printf '  %-6s %6.2f s wall %6.2f s CPU %6.1f MiB  ' $name "$(median "$work/$name.wall")" "$(median "$work/$name.cpu")" "$(median "$work/$name.peak")"
    tr -d ' \n"' < "$work/$name.json" | grep -o 'origins:{[^}]*}' || echo
  done
  tr -d ' \n"' < "$work/plan.json" | grep -oE '(sourceBytes|requests):[0-9]+' | head -2 | sed 's/^/  planned with packs: /'
  awk -v d="$(median "$work/delta.peak")" -v i="$(median "$work/idle.peak")" 'BEGIN { printf "  delta above idle: %.1f MiB (at most 64)\n", d - i; exit d - i > 64 }'
done
