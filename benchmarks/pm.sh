#!/bin/bash
# Measures `firn pm` beside s6, runit, supervisord and systemd --user, those of them that are installed, with a static program that stamps
# the time at which it runs and pauses. Prints a table; every row says what was counted.
#   benchmarks/pm.sh FIRN [UNITS...]      e.g. benchmarks/pm.sh artifacts/firn/firn 100 1000
# PEERS="firn s6" measures only those. REALTIME=1 runs every manager (not its services' waits) at SCHED_FIFO, which keeps the spread small
# on a machine that others use, too. Debian: apt-get install s6 runit supervisor systemd
set -eu
firn=$(realpath "$1"); shift
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d /dev/shm/pm-bench.XXXXXX)
trap 'stop_all; rm -rf "$work"' EXIT
for tool in stamp clock noise; do gcc -O2 -static -s -o "$work/$tool" "$here/pm/$tool.c"; done
stamps=$work/stamps
manager=
first=; [ -z "${REALTIME:-}" ] || first="chrt -f 50"
stop_all() {
  [ -z "$manager" ] || kill -9 "$manager" 2>/dev/null || true
  [ -z "${name:-}" ] || kill -9 $("${name}_match") 2>/dev/null || true
  for pid in $(pgrep -f "$work" || true); do [ "$pid" = $$ ] || kill -9 "$pid" 2>/dev/null || true; done
}
alive() { pgrep -fc "^$work/stamp" || true; }
wait_stamps() { for _ in $(seq 1 3000); do [ -f "$stamps" ] && [ "$(wc -l < "$stamps")" -ge "$1" ] && return; sleep 0.01; done; echo "only $(wc -l < "$stamps") of $1 started" >&2; }
memory() { for p in "$@"; do awk '/^Rss/{r=$2} /^Pss:/{p=$2} END{print r, p}' "/proc/$p/smaps_rollup" 2>/dev/null || true; done | awk '{r+=$1; p+=$2} END{printf "%.1f MB RSS, %.1f MB PSS, %d processes", r/1024, p/1024, NR}'; }
processor() { for p in "$@"; do cat /proc/"$p"/task/*/schedstat 2>/dev/null || true; done | awk '{c+=$1; n+=$3} END{printf "%d %d\n", c, n}'; }
row() { printf '%-12s %-34s %s\n' "$1" "$2" "$3"; }

# each: NAME_prepare N, NAME_command (what the manager is), NAME_match (processes of the manager)
firn_prepare() { mkdir -p "$work/units"; { echo "units:"; for i in $(seq 1 "$1"); do echo "  s$i: { run: $work/stamp $stamps }"; done; } > "$work/units/all.yaml"
  "$firn" pm main --home "$work/home" --units "$work/units" > /dev/null 2>&1 & wait_stamps "$1"; "$firn" pm shutdown --home "$work/home"; wait; }
firn_command() { echo "$firn" pm main --home "$work/home"; }
firn_match() { pgrep -f "pm-manager $work/home|$firn $work/home adopt" || true; pgrep -f "sh -c policy.*$work/home" || true; }
s6_prepare() { for i in $(seq 1 "$1"); do mkdir -p "$work/scan/s$i"; printf '#!/bin/sh\nexec %s %s\n' "$work/stamp" "$stamps" > "$work/scan/s$i/run"; chmod +x "$work/scan/s$i/run"; done; }
s6_command() { echo s6-svscan -c $((count + 10)) "$work/scan"; }
s6_match() { pgrep -x "s6-svscan|s6-supervise" || true; }
runit_prepare() { s6_prepare "$1"; }
runit_command() { echo runsvdir "$work/scan"; }
runit_match() { pgrep -x "runsvdir|runsv" || true; }
supervisord_prepare() { { printf '[supervisord]\nlogfile=/dev/null\npidfile=%s/pid\nminfds=8192\n' "$work"; for i in $(seq 1 "$1"); do printf '[program:s%s]\ncommand=%s %s\nstdout_logfile=NONE\nstderr_logfile=NONE\n' "$i" "$work/stamp" "$stamps"; done; } > "$work/supervisord.conf"; }
supervisord_command() { echo supervisord -n -c "$work/supervisord.conf"; }
supervisord_match() { pgrep -f "supervisord -n -c $work" || true; }
# systemd for a user runs only where systemd is the first process: it is told so in a mount namespace of its own; and it moves all processes of
# the control group it is started in, so it gets one of its own, and no controllers
systemd_prepare() {
  mkdir -p "$work/config/systemd/user" "$work/run"
  { printf '[Unit]\nDefaultDependencies=no\n'; for i in $(seq 1 "$1"); do echo "Wants=s$i.service"; done; } > "$work/config/systemd/user/bench.target"
  for i in $(seq 1 "$1"); do printf '[Service]\nExecStart=%s %s\nRestart=always\nRestartSec=0\n' "$work/stamp" "$stamps" > "$work/config/systemd/user/s$i.service"; done
  cat > "$work/systemd-user" << END
#!/bin/sh -e
mount -t tmpfs none /run && mkdir -p /run/systemd/system
for hierarchy in /sys/fs/cgroup/*/; do
  case \$hierarchy in
    */systemd/|*/unified/) mkdir -p \${hierarchy}pm-bench; echo \$\$ > \${hierarchy}pm-bench/cgroup.procs ;;
    *) umount -l "\$hierarchy" 2>/dev/null || true ;;
  esac
done
export XDG_RUNTIME_DIR=$work/run XDG_CONFIG_HOME=$work/config
exec $work/clock run $work/begin $first /lib/systemd/systemd --user --unit=bench.target
END
  chmod +x "$work/systemd-user"
}
systemd_command() { echo unshare -m "$work/systemd-user"; }
systemd_match() { pgrep -f "^/lib/systemd/systemd --user --unit=bench.target" || true; }
start() { # shellcheck disable=SC2046
  "$work/clock" run "$work/begin" $first $("${name}_command") > "$work/messages" 2>&1 & manager=$!; }

for count in "${@:-100}"; do
  for name in ${PEERS:-firn s6 runit supervisord systemd}; do
    case $name in s6) tool=s6-svscan ;; runit) tool=runsvdir ;; firn) tool=$firn ;; *) tool=$name ;; esac
    command -v "$tool" > /dev/null || { row "$name" "$count units" "not installed: skipped"; continue; }
    rm -rf "$work"/scan "$work"/home "$work"/units "$work"/config "$work"/run; : > "$stamps"
    "${name}_prepare" "$count"
    for round in 1 2 3; do
      : > "$stamps"
      start; wait_stamps "$count"
      last=$(sort -k2 -n "$stamps" | tail -1 | cut -d' ' -f2)
      row "$name" "start $count, exec to last stamp, $round" "$(((last - $(cat "$work/begin")) / 1000000)) ms"
      [ "$round" = 3 ] && break
      if [ "$name" = firn ]; then "$firn" pm shutdown --home "$work/home"; wait; else stop_all; rm -rf "$work/scan"; "${name}_prepare" "$count"; fi
      manager=; sleep 1
    done
    sleep 3
    # shellcheck disable=SC2046
    set -- $("${name}_match" | sort -u)
    row "$name" "memory with $count" "$(memory "$@")"
    read -r c1 n1 <<< "$(processor "$@")"; sleep 10; read -r c2 n2 <<< "$(processor "$@")"
    row "$name" "idle, 10 s" "$(((c2 - c1) / 10000)) us/s, $(((n2 - n1) * 100 / 10)) /100 wake-ups/s"
    latencies=
    for i in 1 2 3 4 5 6 7 8 9; do
      victim=$(sed -n "$((i * 7))p" "$stamps" | cut -d' ' -f1); before=$(wc -l < "$stamps"); at=$("$work/clock" kill "$victim")
      for _ in $(seq 1 500); do [ "$(wc -l < "$stamps")" -gt "$before" ] && break; sleep 0.005; done
      latencies="$latencies $(($(tail -1 "$stamps" | cut -d' ' -f2) - at))"
    done
    row "$name" "restart after kill -9" "$(echo $latencies | tr ' ' '\n' | sort -n | awk '{v[NR]=$1/1e6} END{printf "%.2f ms median of %d, %.2f to %.2f", v[int((NR+1)/2)], NR, v[1], v[NR]}')"
    pgrep -f "^$work/stamp" | sort > "$work/before"
    kill -9 "$manager"; [ "$name" != firn ] || kill -9 $(pgrep -f "pm-manager $work/home" || true) 2>/dev/null || true
    sleep 1; start; sleep 5
    pgrep -f "^$work/stamp" | sort > "$work/after"
    row "$name" "kill -9 of all managers, restart" "$(comm -23 "$work/before" "$work/after" | wc -l) lost, $(($(wc -l < "$work/after") - count)) more than before"
    if [ "$name" = firn ]; then
      begin=$("$work/clock" now); "$firn" pm shutdown --home "$work/home"; row "$name" "stop all $count" "$((($("$work/clock" now) - begin) / 1000000)) ms, $(alive) left"; wait
      rm -rf "$work/units" "$work/home"; mkdir "$work/units"; echo "{ type: oneshot, run: $work/noise 2000000000, logSize: 64M, logKeep: 4, enabled: false }" > "$work/units/noisy.yaml"
      "$firn" pm main --home "$work/home" --units "$work/units" > /dev/null 2>&1 & manager=$!
      sleep 2; begin=$("$work/clock" now); "$firn" pm start noisy --home "$work/home" -q; took=$(($("$work/clock" now) - begin))
      row "$name" "log of one unit, 2 GB in 64 MiB files" "$((2000000000 * 1000 / took)) MB/s"
      "$firn" pm shutdown --home "$work/home"; wait
    fi
    stop_all; manager=; sleep 1
  done
done
