#!/bin/sh
# Makes a small disk that boots a Linux with BusyBox, with BIOS and with EFI, to try the virtual machine's side of
# things on: a login on the serial console, USB drives, a watchdog, the network. Debian's kernel and tools, no root.
#
#   linux-disk.sh DISK CACHE
#
# The kernel package is downloaded once, into CACHE. FIRN_TEST_KERNEL names a .deb to take instead.
set -eu
disk=$1
cache=$2

for need in busybox:busybox-static cpio:cpio grub-mkimage:grub-common mformat:mtools mcopy:mtools sfdisk:fdisk dpkg-deb:dpkg; do
    command -v "${need%:*}" >/dev/null || { echo "${need%:*}: not found; on Debian: apt-get install ${need#*:}" >&2; exit 1; }
done
for need in i386-pc:grub-pc-bin x86_64-efi:grub-efi-amd64-bin; do
    [ -d "/usr/lib/grub/${need%:*}" ] || { echo "GRUB for ${need%:*}: not found; on Debian: apt-get install ${need#*:}" >&2; exit 1; }
done

mkdir -p "$cache"
if [ -z "${FIRN_TEST_KERNEL:-}" ]; then
    # The cloud kernel has neither USB nor watchdogs, so it is the general one.
    package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: //p' | head -n 1)
    [ -n "$package" ] || { echo "linux-image-amd64: not known to apt; run apt-get update, or set FIRN_TEST_KERNEL" >&2; exit 1; }
    if ! ls "$cache/$package"_*.deb >/dev/null 2>&1; then
        (cd "$cache" && apt-get download "$package" >&2)
    fi
    FIRN_TEST_KERNEL=$(ls "$cache/$package"_*.deb)
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dpkg-deb --fsys-tarfile "$FIRN_TEST_KERNEL" | tar -x -C "$work" --wildcards './boot/vmlinuz-*' './lib/modules/*'
version=$(ls "$work/lib/modules")
busybox depmod -b "$work" "$version"

root=$work/root
mkdir -p "$root/bin" "$root/etc" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/lib/modules/$version"
cp "$(command -v busybox)" "$root/bin/busybox"
cp "$work/lib/modules/$version"/modules.dep "$root/lib/modules/$version/"
wanted='virtio_pci virtio_blk virtio_net virtio-rng xhci-pci usb-storage sd_mod i6300esb'
for module in $wanted; do
    sed -n "s,^\(kernel/[^:]*/$module\.ko\): *,\1 ,p" "$work/lib/modules/$version/modules.dep"
done | tr ' ' '\n' | sort -u | sed '/^$/d' | (cd "$work/lib/modules/$version" && cpio -pdm --quiet "$root/lib/modules/$version")

# root's password is "secret" (crypt(3), MD5), guest has none
cat >"$root/etc/passwd" <<'END'
root:$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1:0:0:root:/:/bin/sh
guest::1000:1000:guest:/:/bin/sh
END
printf 'root:x:0:\nguest:x:1000:\n' >"$root/etc/group"
printf 'ttyS0\n' >"$root/etc/securetty"
cat >"$root/init" <<END
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
chmod 1777 /tmp
modprobe -a $wanted
ifconfig lo 127.0.0.1 up
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
hostname testguest
while :; do getty -L 115200 ttyS0 vt100; done
END
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet -R 0:0 | gzip -1) >"$work/initrd"

cat >"$work/grub.cfg" <<'END'
serial --unit=0 --speed=115200
terminal_output serial
echo "the test disk starts Linux"
linux /vmlinuz console=ttyS0,115200 panic=5 no_timer_check
initrd /initrd
boot
END
modules='part_msdos fat normal configfile linux serial terminal echo'
grub-mkimage -O i386-pc -p '(hd0,msdos1)/grub' -o "$work/core.img" biosdisk $modules
grub-mkimage -O x86_64-efi -p /grub -o "$work/bootx64.efi" $modules

rm -f "$disk"
truncate -s 160M "$disk"
# the second partition is for what tests write
printf 'label: dos\nstart=2048, size=96M, type=ef, bootable\nsize=16M, type=83\n' | sfdisk -q "$disk"
mformat -i "$disk@@1M" -T 196608 -F -v FIRNTEST ::
mmd -i "$disk@@1M" ::/EFI ::/EFI/BOOT ::/grub
mcopy -i "$disk@@1M" "$work/bootx64.efi" ::/EFI/BOOT/BOOTX64.EFI
mcopy -i "$disk@@1M" "$work/grub.cfg" ::/grub/grub.cfg
mcopy -i "$disk@@1M" "$work"/boot/vmlinuz-* ::/vmlinuz
mcopy -i "$disk@@1M" "$work/initrd" ::/initrd
# GRUB for BIOS: its first sector goes to the MBR, the rest right behind, where both expect it
dd if=/usr/lib/grub/i386-pc/boot.img of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$work/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none
