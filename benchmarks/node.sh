#!/bin/bash
# What a node costs: seconds that an overlay adds to a start (QEMU, TCG, BIOS; a signed file on a USB drive, against an image
# without overlays, alternating), and what the agent and the page take while they have nothing to do.
#   benchmarks/node.sh [RUNS]      (default 5 runs, 0 for the agent alone; as root, for mmdebstrap; needs minisign, mtools, dosfstools, jq)
set -euo pipefail
runs=${1:-5}
here=$(cd "$(dirname "$0")/.." && pwd)
[ -x "$here/artifacts/firn/firn" ] || "$here/publish.sh" > /dev/null
firn=$here/artifacts/firn/firn
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
minisign -G -W -p key.pub -s key.sec > /dev/null
mkdir -p fleet/etc fleet/layers/10-linux/etc
echo fleet > fleet/etc/motd; echo node > fleet/layers/10-linux/etc/node
"$firn" overlay pack fleet -o node.ovl > /dev/null; "$firn" overlay sign node.ovl --minisign key.sec > /dev/null
truncate -s 16M drive.img; mkfs.vfat -n OVL drive.img > /dev/null; mcopy -i drive.img node.ovl ::/node.ovl
export FIRN_KEYS=$work/keys
"$firn" repo init repository --publish-to "$work/www" --no-passphrase > /dev/null 2>&1
"$firn" repo publish --repo repository > /dev/null 2>&1
tiny=$here/tests/Firn.SystemTests/recipes/tiny.yaml
sed 's/linux-image-cloud-amd64/linux-image-amd64/; s|^remove: \[|&/usr/lib/firmware, |' "$tiny" > without.yaml
{ cat without.yaml; echo "overlays: { sources: [\"label:OVL/node.ovl\"], keys: [$(tail -n 1 key.pub)], wait: 8s }"; } > with.yaml
sed 's/^      firn update confirm.*/      { firn update confirm --when-healthy; firn agent run; } > \/run\/firn\/agent.log 2>\&1 \&\n      firn agent web > \/run\/firn\/web.log 2>\&1 \&/' "$tiny" > agent.yaml
echo "repository: { urls: [http://127.0.0.1:9], root: $work/repository/metadata/1.root.json }
agent: { web: 8080 }" >> agent.yaml
for one in without with agent; do
  "$firn" image build $one.yaml -o $one --cache "${FIRN_CACHE:-$work/cache}" > "$one.log" 2>&1 || { cat "$one.log" >&2; exit 1; }
done
try() { # DISK SCENARIO [ARGUMENTS]: leaves report.json
  "$firn" image test "$1/disk.img" "$here/benchmarks/$2.yaml" --bios --json "${@:3}" > report.json 2> errors || { cat errors report.json >&2; exit 1; }
}
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
for _ in $(seq "$runs"); do
  for kind in without with; do
    try $kind overlay --set "drive=$work/drive.img"
    jq -r '.[0].steps[] | select(.title | startswith("wait")) | .seconds' report.json | tail -n 2 >> $kind.waits
    jq -r '.[0].steps[].output // empty' report.json | sed -n 's/.*took from second \([0-9.]*\) to \([0-9.]*\).*/\2 - \1/p' | bc >> $kind.took
  done
done
[ "$runs" = 0 ] || echo "start without overlays $(median < without.waits) s, with one $(median < with.waits) s; the initramfs was busy with it for $(median < with.took) s"
try agent agent
jq -r '.[0].steps[].output // empty' report.json | awk '
  /^(run|web) [0-9]/ { printf "firn agent %s: %.1f wake-ups a minute, %.1f ms of processor a minute, %.1f MiB in memory (%.1f of its own)\n", $1, ($6 - $2) / 10, ($7 - $3), $8 / 1024, $9 / 1024 }'
