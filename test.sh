#!/bin/bash
# Installs what the tests need, builds, and runs all of them: fast tests first, then system tests (QEMU, root).
#   ./test.sh            everything
#   ./test.sh --fast     only what needs no privilege and no virtual machine
#   ./test.sh --filter X only system tests whose name contains X
set -euo pipefail
cd "$(dirname "$0")"
fast_only= filter=
while [ $# -gt 0 ]; do
  case $1 in
    --fast) fast_only=1 ;;
    --filter) filter=$2; shift ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
. tools/packages.sh
# shellcheck disable=SC2086
tools/install-packages.sh $packages_build $packages_run $packages_judges
results=$(mktemp)
trap 'rm -f "$results"' EXIT
step() { printf '\n== %s (%s)\n' "$1" "$(date +%H:%M:%S)"; }

step "build"
dotnet build Firn.slnx -c Release --nologo -v quiet
dotnet format Firn.slnx --verify-no-changes --no-restore --severity warn
./publish.sh

run() { # PROJECT [ARGUMENTS]
  project=$1
  shift
  dotnet test "tests/$project" -c Release --no-build --logger "console;verbosity=normal" "$@" 2>&1 | tee -a "$results" |
    grep -vE '^\s*$|^(Test run for|A total of|Starting test|VSTest)' || true
}
failed=0
step "fast tests"
run Firn.Tests --logger "console;verbosity=minimal"
if [ -z "$fast_only" ]; then
  step "system tests"
  if [ "$(id -u)" != 0 ]; then echo "system tests mount images and make device nodes: run as root" >&2; failed=1; fi
  [ "$failed" = 1 ] || run Firn.SystemTests ${filter:+--filter "FullyQualifiedName~$filter"}
fi
sum() { grep -oE "^ +$1: +[0-9]+" "$results" | awk '{ n += $2 } END { print n + 0 }'; }
passed=$(sum Passed)
failed=$((failed + $(sum Failed)))
# A run that broke off prints no sums; one that ran prints a total for each project.
projects=$([ -n "$fast_only" ] && echo 1 || echo 2)
[ "$(grep -cE '^Total tests: [0-9]+' "$results")" -ge "$projects" ] || { echo "a test run broke off" >&2; failed=$((failed + 1)); }
echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
