#!/bin/bash
# Our client beside tuf-js on the same repository: 10,000 targets in 100 delegated roles. Requests, bytes, wall and CPU
# time, memory; interleaved, best of RUNS. Needs Node.js, npm, python3 (the web server) and GNU time.
#   benchmarks/trust-refresh/run.sh [RUNS]
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-7} port=18080
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
(cd tests/tuf-judges && [ -d node_modules ] || npm ci --ignore-scripts --no-audit --no-fund > /dev/null)
mkdir "$work/js" && (cd "$work/js" && npm init -y > /dev/null && npm install --ignore-scripts --no-audit --no-fund tuf-js@5.0.1 > /dev/null)
export TUF_JS=$work/js
[ -x artifacts/conformance/tuf-conformance-client ] ||
  dotnet publish tests/tuf-conformance-client -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true \
    -o artifacts/conformance > "$work/publish.log" 2>&1 || { cat "$work/publish.log" >&2; exit 1; }
node benchmarks/trust-refresh/write-repository.mjs "$work/repository" 100 100
python3 -u -m http.server -b 127.0.0.1 -d "$work/repository" $port > "$work/log" 2>&1 &
server=$!
until curl -sf -o /dev/null "http://127.0.0.1:$port/metadata/timestamp.json"; do sleep 0.1; done

url=http://127.0.0.1:$port
firn=(artifacts/conformance/tuf-conformance-client)
tufjs=(node benchmarks/trust-refresh/tuf-js-client.mjs)
names=()
for ((i = 0; i < 100; i++)); do names+=(--target-name "role-$i/file-7"); done

measure() { # CLIENT CASE STATE ARGUMENTS…
  client=$1 case=$2 state=$3
  shift 3
  declare -n program=$client
  : > "$work/log"
  /usr/bin/time -a -o "$work/$client.$case" -f '%e %U %S %M' "${program[@]}" --metadata-dir "$state" --metadata-url "$url/metadata/" "$@" > /dev/null
  requests=$(grep -c '"GET' "$work/log")
  echo "$requests" > "$work/$client.$case.requests"
  sed -n 's#.*"GET /\([^ ]*\) .* 200 .*#\1#p' "$work/log" | (cd "$work/repository" && xargs -r stat -c %s) | awk '{ n += $1 } END { print n + 0 }' > "$work/$client.$case.bytes"
}
for ((run = 0; run < runs; run++)); do
  for client in firn tufjs; do
    rm -rf "$work/state" "$work/files" && mkdir "$work/state" "$work/files"
    cp "$work/repository/metadata/1.root.json" "$work/state/root.json"
    measure $client first "$work/state" refresh
    measure $client again "$work/state" refresh
    measure $client hundred "$work/state" --target-dir "$work/files" --target-base-url "$url/targets/" "${names[@]}" download
  done
done
printf '%-8s %-8s %9s %10s %9s %9s %9s\n' case client requests bytes 'wall s' 'CPU s' 'RSS MB'
for case in first again hundred; do
  for client in firn tufjs; do
    sort -n "$work/$client.$case" | head -1 | {
      read -r wall user system memory
      printf '%-8s %-8s %9s %10s %9s %9s %9s\n' $case $client "$(cat "$work/$client.$case.requests")" "$(cat "$work/$client.$case.bytes")" \
        "$wall" "$(awk "BEGIN { print $user + $system }")" "$((memory / 1024))"
    }
  done
done
