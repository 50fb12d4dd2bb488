#!/bin/sh
# Makes artifacts/firn/firn: one trimmed, self-contained file. Checks it against its budget.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
budget_bytes=30000000
budget_ms=60            # for `firn --version`, best of ten: what the program costs, not what the machine was doing
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "building firn ..." >&2
if ! dotnet publish "$here/src/Firn.Cli/Firn.Cli.csproj" -c Release -o "$here/artifacts/firn" > "$log" 2>&1; then
  grep -E 'error|warning' "$log" >&2 || cat "$log" >&2
  exit 1
fi
touch "$here/artifacts/firn/firn"
bytes=$(stat -c %s "$here/artifacts/firn/firn")
best=999999
for _ in 1 2 3 4 5 6 7 8 9 10; do
  begin=$(date +%s%N)
  "$here/artifacts/firn/firn" --version > /dev/null
  took=$((($(date +%s%N) - begin) / 100000))
  [ "$took" -lt "$best" ] && best=$took
done
echo "artifacts/firn/firn: $bytes bytes (budget $budget_bytes), --version in $((best / 10)).$((best % 10)) ms (budget $budget_ms)"
[ "$bytes" -le "$budget_bytes" ] || { echo "larger than its budget" >&2; exit 1; }
[ "$best" -le $((budget_ms * 10)) ] || { echo "starts slower than its budget" >&2; exit 1; }
