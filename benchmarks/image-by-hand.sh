#!/bin/bash
# The same disk as `firn image build` makes, the way people script it: tar, mksquashfs, grub-mkimage, mtools, sgdisk, dd.
#   benchmarks/image-by-hand.sh ROOTFS.tar OUT-DIR LEVEL BLOCK      prints "step seconds" lines, then "total seconds"
# It keeps to what a careful script does without root tricks beyond unpacking: one slot is filled, no loop devices, and EFI
# only, for grub-bios-setup wants a block device.
set -euo pipefail
tar=$(realpath "$1") out=$2 level=$3 block=$4
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1767225600}
mkdir -p "$out" && cd "$out"
rm -rf ./*
began=$(date +%s.%N) last=$began
step() { local now; now=$(date +%s.%N); echo "$1 $(echo "$now - $last" | bc)"; last=$now; }

mkdir root && tar -xpf "$tar" -C root --numeric-owner
echo box > root/etc/hostname
: > root/etc/machine-id
: > root/etc/fstab
rm -f root/etc/ssh/ssh_host_* root/boot/initrd.img*
mkdir -p root/data
step unpack

mv root/boot/vmlinuz-* vmlinuz
mksquashfs root root.squashfs -comp zstd -Xcompression-level "$level" -b "$block" -noappend -processors "$(nproc)" -quiet -no-progress
step squashfs

release=$(ls root/usr/lib/modules) modules=root/usr/lib/modules/$release
mkdir -p initrd/bin initrd/lib/modules/"$release"
cp /usr/bin/busybox initrd/bin/
cat > initrd/init <<'I'
#!/bin/busybox sh
export PATH=/bin
/bin/busybox mkdir -p /proc /sys /dev /rw /sysroot /sbin
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
modprobe -a virtio_pci virtio_blk squashfs overlay ext4
until [ -b /dev/vda4 ]; do sleep 0.05; done
mount -t squashfs -o ro /dev/vda4 /sysroot
mount -t tmpfs tmpfs /rw
for each in etc var root home; do
  mkdir -p "/rw/$each" "/rw/.$each"
  mount -t overlay -o "lowerdir=/sysroot/$each,upperdir=/rw/$each,workdir=/rw/.$each" overlay "/sysroot/$each"
done
umount /proc /sys; mount -o move /dev /sysroot/dev
exec switch_root /sysroot /sbin/init
I
chmod +x initrd/init
for module in squashfs overlay ext4 loop virtio_pci virtio_blk virtio_scsi nvme ahci sd_mod usb-storage xhci-pci sdhci-pci mmc_block; do
  grep -E "/$module\.ko:" "$modules/modules.dep" | tr -d : | tr ' ' '\n' || true
done | sort -u | while read -r file; do
  [ -n "$file" ] || continue
  mkdir -p "initrd/lib/modules/$release/${file%/*}"
  cp "$modules/$file" "initrd/lib/modules/$release/$file"
done
cp "$modules"/modules.{dep,alias,softdep,builtin} initrd/lib/modules/"$release"/
(cd initrd && find . | sort | cpio --reproducible -o -H newc -R 0:0 --quiet) | zstd -19 -q > initrd.img
step initramfs

common="part_gpt fat normal configfile linux test loadenv echo sleep serial terminal reboot halt regexp probe"
echo "configfile \$prefix/grub.cfg" > early.cfg
# shellcheck disable=SC2086
grub-mkimage -O x86_64-efi -p '(,gpt2)/grub' -c early.cfg -o BOOTX64.EFI $common efi_gop efi_uga
cat > grub.cfg <<'G'
linux (hd0,gpt3)/vmlinuz console=ttyS0 panic=10
initrd (hd0,gpt3)/initrd.img
boot
G
step grub

mib() { echo $((($(stat -c %s "$1") + 1048575) / 1048576)); }
boot_mib=$(($(mib vmlinuz) + $(mib initrd.img) + 4)) root_mib=$(mib root.squashfs)
truncate -s "${boot_mib}M" boot.img && mkfs.fat -F16 --invariant boot.img > boot.log
mcopy -i boot.img vmlinuz initrd.img ::
truncate -s 64M esp.img && mkfs.fat -F32 --invariant esp.img > esp.log
mmd -i esp.img ::EFI ::EFI/BOOT ::grub
mcopy -i esp.img BOOTX64.EFI ::EFI/BOOT/ && mcopy -i esp.img grub.cfg ::grub/
step fat

truncate -s $((2 + 64 + 2 * (boot_mib + 64) + 2 * (root_mib + root_mib / 2) + 256 + 2))M disk.img
sgdisk -a 2048 -n 1:0:+1M -t 1:ef02 -n 2:0:+64M -t 2:ef00 -n 3:0:+$((boot_mib + 64))M -n 4:0:+$((root_mib + root_mib / 2))M \
  -n 5:0:+$((boot_mib + 64))M -n 6:0:+$((root_mib + root_mib / 2))M -n 7:0:0 disk.img > sgdisk.log
place() { dd if="$1" of=disk.img bs=1M seek=$(($(sgdisk -i "$2" disk.img | awk '/First sector/ { print $3 }') / 2048)) conv=notrunc,sparse status=none; }
place esp.img 2
place boot.img 3
place root.squashfs 4
step disk
echo "total $(echo "$last - $began" | bc)"
