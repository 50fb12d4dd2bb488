#!/bin/bash
# From a list of Debian packages to a machine that takes signed updates, refuses a forged one and survives a broken one, in QEMU.
#   ./demo.sh          builds three versions, runs the story; exit code 0 only if every step was seen inside the machine
#   ./demo.sh --keep   afterwards leaves the machine running, with its console on this terminal
set -euo pipefail
cd "$(dirname "$0")"
keep=
case ${1:-} in
  "") ;;
  --keep) keep=1 ;;
  *) sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
if [ "$(id -u)" != 0 ] && command -v sudo > /dev/null; then exec sudo env "PATH=$PATH" "$0" "$@"; fi
. tools/packages.sh
demo=$PWD/artifacts/demo
say() { printf '\n\033[1m== %s\033[0m\n' "$1"; }
began=$SECONDS

say "What this machine needs, from Debian"
# shellcheck disable=SC2086
tools/install-packages.sh $packages_build $packages_run

say "firn"
./publish.sh

say "A signed repository, with a key for the channel 'stable'"
rm -rf "$demo/repository" "$demo/www" "$demo/keys"
mkdir -p "$demo"/{1,2,3}
export FIRN_KEYS=$demo/keys
./firn repo init "$demo/repository" --publish-to "$demo/www" --no-passphrase
./firn repo delegate stable --repo "$demo/repository" --no-passphrase
./firn repo publish --repo "$demo/repository"

say "Version 1: a list of Debian packages becomes a bootable disk"
{ cat examples/edge-box/recipe.yaml
  printf 'repository: { urls: [http://updates.invalid], root: ../repository/metadata/1.root.json, channel: stable }\n'; } > "$demo/1/recipe.yaml"
./firn image build "$demo/1/recipe.yaml" -o "$demo/1/out"
./firn image inspect "$demo/1/out/disk.img"

say "Version 2: another message of the day"
sed -e 's/^version: "1"/version: "2"/' -e 's/edge-box, version 1/edge-box, version 2/' "$demo/1/recipe.yaml" > "$demo/2/recipe.yaml"
./firn image build "$demo/2/recipe.yaml" -o "$demo/2/out"

say "Version 3: somebody breaks the configuration of sshd"
sed -e 's/^version: "1"/version: "3"/' -e 's/edge-box, version 1/edge-box, version 3/' \
  -e 's|^files:$|files:\n  - { path: /etc/ssh/sshd_config.d/oops.conf, content: "Prot0col 2\\n" }|' "$demo/1/recipe.yaml" > "$demo/3/recipe.yaml"
./firn image build "$demo/3/recipe.yaml" -o "$demo/3/out"

say "The machine, and the plain web server it updates from"
./firn image test "$demo/1/out/disk.img" examples/edge-box/story.yaml --set "demo=$demo" --set "firn=$PWD/firn" \
  --console-log "$demo/console.log" ${keep:+--stay}
echo
echo "Every step was seen inside the machine. It took $((SECONDS - began)) s; the console is in artifacts/demo/console.log."
