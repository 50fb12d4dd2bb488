#!/bin/bash
# firn update install against dd, rauc and swupdate: the same bytes, files on the same disk, in one run, interleaved.
#   benchmarks/install.sh RELEASE DISK [RUNS]    RELEASE: directory of firn image build; DISK: disk.img of an earlier version; 5 runs
# rauc and swupdate write to loop devices; firn writes to the partitions of a disk image, past the page cache; dd does both.
# What is read is in the page cache, for all. Prints medians (wall, CPU, peak) and ratios. As root. firn installs boot and root image
# and reads both back; rauc and swupdate install the root image and read nothing back; dd writes what firn writes. CPU of rauc is its
# service's. swupdate syncs nothing by itself: a sync of its device is counted with it.
set -euo pipefail
release=$(realpath "$1") disk=$(realpath "$2") runs=${3:-5}
here=$(cd "$(dirname "$0")/.." && pwd)
firn=$here/artifacts/firn/firn
[ -x "$firn" ] || "$here/publish.sh"
. "$here/tools/packages.sh"
# shellcheck disable=SC2154
"$here/tools/install-packages.sh" $packages_benchmarks
work=$(mktemp -d "${TMPDIR:-/var/tmp}/firn-install.XXXXXX")
loops=()
clean() {
  for loop in "${loops[@]}"; do losetup --detach "$loop" || true; done
  rm -rf "$work"
}
trap clean EXIT
attach() { local device; device=$(losetup --find --show "$1"); loops+=("$device"); echo "$device" > "$work/attached"; }

root=$release/root.squashfs boot=$release/boot.img
cat "$root" "$boot" > "$work/both"
bytes=$(stat -c %s "$work/both")
for name in dd rauc0 rauc1 swupdate; do
  fallocate -l $((bytes + (64 << 20))) "$work/$name.img"
  attach "$work/$name.img"
  declare "$name=$(cat "$work/attached")"
done

cp --reflink=never "$disk" "$work/disk.img"
fallocate -l "$bytes" "$work/file.img"
offset() { partx --show --noheadings --output START,NAME "$work/disk.img" | awk -v n="$1" '$2 == n { print $1 * 512 }'; }

# The peers' packages, signed, as their manuals say.
(
  cd "$work"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 9 -subj /CN=bench \
    -addext extendedKeyUsage=emailProtection,codeSigning 2> /dev/null
  mkdir bundle
  ln "$root" bundle/root.squashfs 2> /dev/null || cp "$root" bundle/root.squashfs
  cat > bundle/manifest.raucm << END
[update]
compatible=bench
version=1
[image.rootfs]
filename=root.squashfs
END
  cat > system.conf << END
[system]
compatible=bench
bootloader=grub
grubenv=$work/grubenv
statusfile=$work/central.raucs
[keyring]
path=$work/cert.pem
[slot.rootfs.0]
device=$rauc0
type=raw
bootname=A
[slot.rootfs.1]
device=$rauc1
type=raw
bootname=B
END
  mv bundle/root.squashfs bundle/root.img
  sed -i 's/root.squashfs/root.img/' bundle/manifest.raucm
  grub-editenv grubenv create
  rauc --conf system.conf --cert cert.pem --key key.pem --keyring cert.pem --mksquashfs-args="-noD -noF" bundle bundle out.raucb > rauc.log 2>&1
  cat > sw-description << END
software = { version = "1"; hardware-compatibility: [ "1.0" ]; stable = { copy2 = { images: (
  { filename = "root.img"; device = "$swupdate"; type = "raw"; installed-directly = true; sha256 = "$(sha256sum "$root" | cut -d' ' -f1)"; } ); }; }; }
END
  openssl cms -sign -in sw-description -out sw-description.sig -signer cert.pem -inkey key.pem -outform DER -nosmimecap -binary
  cp "$root" root.img
  printf '%s\n' sw-description sw-description.sig root.img | cpio -o -H crc > out.swu 2> /dev/null
  rm root.img
)
cat "$work/both" "$work/out.raucb" "$work/out.swu" "$root" "$boot" > /dev/null

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
measure() { # NAME COMMAND...: adds wall seconds, CPU seconds, peak MiB
  local name=$1
  shift
  sync
  /usr/bin/time -f '%e %U %S %M' -o "$work/time" "$@" > "$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
  tail -1 "$work/time" | awk '{ print $1 >> f ".wall"; print $2 + $3 >> f ".cpu"; print $4 / 1024 >> f ".peak" }' f="$work/$name"
}
forget() { # what is in the idle slot, or nothing would be written
  dd if=/dev/zero of="$work/disk.img" oflag=seek_bytes seek="$(offset firn-boot-b)" bs=1M count="$(($(offset firn-data) - $(offset firn-boot-b) >> 20))" conv=notrunc,fsync status=none
}
run_rauc() { # its service does the work: what counts is from the request to the answer, and the service's time
  cat > "$work/rauc.sh" << END
export DBUS_STARTER_BUS_TYPE=session
/usr/bin/time -f '%U %S %M' -o $work/rauc.time rauc --conf $work/system.conf --mount $work/mnt --override-boot-slot=A service > $work/rauc.log 2>&1 &
for i in \$(seq 100); do rauc status > /dev/null 2>&1 && break; sleep 0.05; done
sync
begin=\$(date +%s.%N)
rauc install $work/out.raucb > $work/out 2>&1 || { cat $work/out $work/rauc.log >&2; exit 1; }
end=\$(date +%s.%N)
echo "\$begin \$end" | awk '{ print \$2 - \$1 }' >> $work/rauc.wall
kill -TERM \$(pgrep -P \$! -x rauc)
wait
END
  mkdir -p "$work/mnt"
  dbus-run-session -- sh "$work/rauc.sh"
  awk 'END { print $1 + $2 >> f ".cpu"; print $3 / 1024 >> f ".peak" }' f="$work/rauc" "$work/rauc.time"
}
show() { printf '%-22s %6.2f s wall %6.2f s CPU %5.0f MiB   (%s)\n' "$1" "$(median "$work/$1.wall")" "$(median "$work/$1.cpu")" "$(median "$work/$1.peak")" "$(sort -n "$work/$1.wall" | tr '\n' ' ')"; }
against() { awk -v a="$(median "$work/$1.wall")" -v b="$(median "$work/$2.wall")" -v n="$1 / $2" 'BEGIN { printf "  %s: %.2f\n", n, a / b }'; }

for ((run = 0; run < runs; run++)); do
  measure dd dd if="$work/both" of="$dd" bs=1M conv=fsync
  measure dd-file dd if="$work/both" of="$work/file.img" bs=1M conv=notrunc,fsync
  forget; measure firn "$firn" update install "$release" --disk "$work/disk.img" --tries 9 --fast
  grep -q "was read back" "$work/out"
  run_rauc
  measure swupdate env TMPDIR="$work" sh -c "swupdate -k $work/cert.pem -H bench:1.0 -e stable,copy2 -i $work/out.swu && sync $swupdate"
  cmp -n "$(stat -c %s "$root")" "$root" "$swupdate"
  forget; measure firn-low-priority "$firn" update install "$release" --disk "$work/disk.img" --tries 9
done
cmp -n "$(stat -c %s "$root")" "$root" "$work/disk.img" 0 "$(offset firn-root-b)"
cmp -n "$(stat -c %s "$boot")" "$boot" "$work/disk.img" 0 "$(offset firn-boot-b)"
echo "$bytes bytes, $runs runs, load $(cut -d' ' -f1-3 /proc/loadavg)"
for name in dd dd-file firn firn-low-priority rauc swupdate; do show $name; done
for peer in dd dd-file rauc swupdate; do against firn $peer; done
