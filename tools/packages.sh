# What Firn needs from Debian, by purpose. Sourced by the scripts that install it.
packages_build="mmdebstrap grub-common grub-efi-amd64-bin grub-pc-bin busybox-static libzstd1 libssl3 xz-utils"
packages_peers="casync zchunk xdelta3"    # benchmarks only
packages_run="qemu-system-x86 qemu-utils ovmf seabios"
packages_judges="squashfs-tools squashfs-tools-ng gdisk fdisk dosfstools mtools cpio zstd e2fsprogs btrfs-progs attr acl libcap2-bin \
  curl tar binutils openssl minisign faketime swupdate chromium supervisor runit s6 ruby-foreman cryptsetup-bin"
# npm runs TUF implementations of others; some distributions of Node.js bring it along and refuse Debian's.
command -v npm > /dev/null || packages_judges="$packages_judges nodejs npm"
# Beside whom benchmarks/install.sh measures; the tests do without.
packages_benchmarks="rauc swupdate dbus grub-common openssl cpio time"
