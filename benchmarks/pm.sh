#!/bin/bash
# Measures `firn pm` beside those of s6, runit and supervisord that are installed, with a static program that stamps the time at which it
# runs and pauses. Prints a table; every row says what was counted.
#   benchmarks/pm.sh FIRN [UNITS...]      e.g. benchmarks/pm.sh artifacts/firn/firn 100 1000
set -eu
firn=$(realpath "$1"); shift
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d /dev/shm/pm-bench.XXXXXX)
trap 'stop_all; rm -rf "$work"' EXIT
gcc -O2 -static -s -o "$work/stamp" "$here/pm/stamp.c"
stamps=$work/stamps
manager=
now() { read -r up _ < /proc/uptime; python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_MONOTONIC))'; }
stop_all() {
  [ -z "$manager" ] || kill -9 "$manager" 2>/dev/null || true
  for pid in $(pgrep -f "$work" || true); do [ "$pid" = $$ ] || kill -9 "$pid" 2>/dev/null || true; done
}
alive() { pgrep -fc "^$work/stamp" || true; }
wait_stamps() { for _ in $(seq 1 3000); do [ -f "$stamps" ] && [ "$(wc -l < "$stamps")" -ge "$1" ] && return; sleep 0.01; done; echo "only $(wc -l < "$stamps") of $1 started" >&2; }
tree_of() { for p in $(pgrep -f "$1" || true); do [ "$p" = $$ ] || echo "$p"; done; }
memory() { for p in "$@"; do awk '/^Rss/{r=$2} /^Pss:/{p=$2} END{print r, p}' "/proc/$p/smaps_rollup" 2>/dev/null || true; done | awk '{r+=$1; p+=$2} END{printf "%.1f MB RSS, %.1f MB PSS, %d processes", r/1024, p/1024, NR}'; }
processor() { for p in "$@"; do cat /proc/"$p"/task/*/schedstat 2>/dev/null || true; done | awk '{c+=$1; n+=$3} END{print c, n}'; }
row() { printf '%-12s %-34s %s\n' "$1" "$2" "$3"; }

# each: NAME_prepare N, NAME_start, NAME_match (processes of the manager)
firn_prepare() { mkdir -p "$work/units"; { echo "units:"; for i in $(seq 1 "$1"); do echo "  s$i: { run: $work/stamp $stamps }"; done; } > "$work/units/all.yaml"
  "$firn" pm main --home "$work/home" --units "$work/units" > /dev/null 2>&1 & sleep 4; "$firn" pm shutdown --home "$work/home"; }
firn_start() { "$firn" pm main --home "$work/home" > "$work/messages" 2>&1 & }
firn_match() { pgrep -f "pm-manager $work/home|$firn $work/home adopt" || true; pgrep -f "sh -c policy.*$work/home" || true; }
s6_prepare() { for i in $(seq 1 "$1"); do mkdir -p "$work/scan/s$i"; printf '#!/bin/sh\nexec %s %s\n' "$work/stamp" "$stamps" > "$work/scan/s$i/run"; chmod +x "$work/scan/s$i/run"; done; }
s6_start() { s6-svscan -c $((count + 10)) "$work/scan" > /dev/null 2>&1 & }
s6_match() { pgrep -x "s6-svscan|s6-supervise" || true; }
runit_prepare() { s6_prepare "$1"; }
runit_start() { runsvdir "$work/scan" > /dev/null 2>&1 & }
runit_match() { pgrep -x "runsvdir|runsv" || true; }
supervisord_prepare() { { printf '[supervisord]\nlogfile=/dev/null\npidfile=%s/pid\nminfds=8192\n' "$work"; for i in $(seq 1 "$1"); do printf '[program:s%s]\ncommand=%s %s\nstdout_logfile=NONE\nstderr_logfile=NONE\n' "$i" "$work/stamp" "$stamps"; done; } > "$work/supervisord.conf"; }
supervisord_start() { supervisord -n -c "$work/supervisord.conf" > /dev/null 2>&1 & }
supervisord_match() { pgrep -f "supervisord -n -c $work" || true; }

for count in "${@:-100}"; do
  for name in firn s6 runit supervisord; do
    case $name in s6) tool=s6-svscan ;; runit) tool=runsvdir ;; firn) tool=$firn ;; *) tool=$name ;; esac
    command -v "$tool" > /dev/null || { row "$name" "$count units" "not installed: skipped"; continue; }
    rm -rf "$work"/scan "$work"/home "$work"/units; : > "$stamps"
    "${name}_prepare" "$count"; : > "$stamps"
    begin=$(now); "${name}_start"; manager=$!
    wait_stamps "$count"
    last=$(sort -k2 -n "$stamps" | tail -1 | cut -d' ' -f2)
    row "$name" "start $count, exec to last stamp" "$(((last - begin) / 1000000)) ms"
    sleep 3
    # shellcheck disable=SC2046
    set -- $("${name}_match" | sort -u)
    row "$name" "memory with $count" "$(memory "$@")"
    read -r c1 n1 <<< "$(processor "$@")"; sleep 10; read -r c2 n2 <<< "$(processor "$@")"
    row "$name" "idle, 10 s" "$(((c2 - c1) / 10000)) us/s, $(((n2 - n1) * 100 / 10)) /100 wake-ups/s"
    latencies=
    for i in 1 2 3 4 5 6 7; do
      victim=$(sed -n "$((i * 7))p" "$stamps" | cut -d' ' -f1); before=$(wc -l < "$stamps"); at=$(now); kill -9 "$victim"
      for _ in $(seq 1 500); do [ "$(wc -l < "$stamps")" -gt "$before" ] && break; sleep 0.005; done
      latencies="$latencies $(($(tail -1 "$stamps" | cut -d' ' -f2) - at))"
    done
    row "$name" "restart after kill -9, median" "$(echo $latencies | tr ' ' '\n' | sort -n | sed -n 4p | awk '{printf "%.2f ms", $1/1e6}')"
    pgrep -f "^$work/stamp" | sort > "$work/before"
    kill -9 "$manager"; [ "$name" != firn ] || kill -9 $(pgrep -f "pm-manager $work/home" || true) 2>/dev/null || true
    sleep 1; "${name}_start"; manager=$!; sleep 5
    pgrep -f "^$work/stamp" | sort > "$work/after"
    row "$name" "kill -9 of all managers, restart" "$(comm -23 "$work/before" "$work/after" | wc -l) lost, $(($(wc -l < "$work/after") - count)) more than before"
    if [ "$name" = firn ]; then begin=$(now); "$firn" pm shutdown --home "$work/home"; row "$name" "stop all $count" "$((($(now) - begin) / 1000000)) ms, $(alive) left"; fi
    stop_all; manager=; sleep 1
  done
done
