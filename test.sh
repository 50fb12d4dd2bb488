#!/bin/bash
# Installs what the tests need, builds, and runs all of them: fast tests first, then system tests (QEMU, root).
#   ./test.sh            everything
#   ./test.sh --fast     only what needs no privilege and no virtual machine
#   ./test.sh --filter X only system tests whose name contains X
#   ./test.sh --soak N   only what is for the night: machines killed N times instead of 5, the long stories, and ten minutes of
#                        kills of a process manager and all it runs
set -euo pipefail
cd "$(dirname "$0")"
fast_only= filter='When!=Night' soak=
while [ $# -gt 0 ]; do
  case $1 in
    --fast) fast_only=1 ;;
    --filter) filter=FullyQualifiedName~$2; shift ;;
    --soak) export FIRN_SOAK=$2; soak=1; shift ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
. tools/packages.sh
# shellcheck disable=SC2086
tools/install-packages.sh $packages_build $packages_run $packages_judges
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
step() { printf '\n== %s (%s)\n' "$1" "$(date +%H:%M:%S)"; }

step "build"
dotnet build Firn.slnx -c Release --nologo -v quiet
dotnet format whitespace Firn.slnx --verify-no-changes --no-restore    # the rest of the style the build has checked
./publish.sh

sound=1
run() { # PROJECT VERBOSITY [ARGUMENTS]: its counters go to $results
  project=$1 verbosity=$2
  shift 2
  dotnet test "tests/$project" -c Release --no-build --logger "console;verbosity=$verbosity" \
    --logger "trx;LogFileName=$results/$project.trx" "$@" 2>&1 |
    { grep --line-buffered -vE '^\s*$|^(Test run for|A total of|Starting test|VSTest|Results File)' || true; } || sound=
}
count() { # COUNTER...
  for counter in "$@"; do grep -ohP "<Counters [^>]*\b$counter=\"\K[0-9]+" "$results"/*.trx || true; done | awk '{ n += $1 } END { print n + 0 }'
}
step "fast tests"
run Firn.Tests minimal ${soak:+--filter FullyQualifiedName~Crash}
if [ -z "$fast_only" ]; then
  step "system tests"
  if [ "$(id -u)" != 0 ]; then echo "system tests mount images and make device nodes: run as root" >&2; exit 1; fi
  [ -z "$soak" ] || filter='When=Night|FullyQualifiedName~KilledMachinesFinishTheirUpdate|FullyQualifiedName~GrubDecidesAsTheModelSays'
  run Firn.SystemTests normal --filter "$filter"
fi
if [ -n "$soak" ]; then
  step "soak"
  tests/soak-pm.py artifacts/firn/firn "${FIRN_SOAK_MINUTES:-10}" || sound=
fi
passed=$(count passed) failed=$(count failed error notExecuted)
echo
[ -n "$sound" ] || echo "a test run failed or broke off" >&2
echo "$passed passed, $failed failed"
[ -n "$sound" ] && [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
