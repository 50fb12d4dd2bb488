#!/bin/sh
# Installs the Debian packages named on the command line that are not installed yet. Root, or sudo.
set -eu
missing=
for package in "$@"; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
command -v apt-get > /dev/null || { echo "install these packages first:$missing" >&2; exit 1; }
as_root=
if [ "$(id -u)" != 0 ]; then
  command -v sudo > /dev/null || { echo "run as root, or install sudo; needed packages:$missing" >&2; exit 1; }
  as_root=sudo
fi
echo "installing Debian packages:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
install() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! install > "$log" 2>&1; then
  # The package lists may be missing or old.
  { $as_root apt-get update -qq && install; } > "$log" 2>&1 || { cat "$log" >&2; exit 1; }
fi
