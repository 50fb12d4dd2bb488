#!/bin/bash
# Makes the two root filesystems that benchmarks/squash.sh works on: a Debian 12 with a kernel for hardware, about 600 MB,
# and the same with one package (libssl3, which openssl goes with) of the version before.
#   benchmarks/squash-trees.sh DIRECTORY      makes new.tar and old.tar in it
set -euo pipefail
mkdir -p "$1"
export SOURCE_DATE_EPOCH=1767225600
packages=linux-image-amd64,systemd-sysv,udev,dbus,libpam-systemd,openssh-server,iproute2,iputils-ping,curl
packages+=,ca-certificates,kmod,e2fsprogs,less,nano,procps,openssl,rsync,python3-minimal
# The mirror that this machine uses, unless DEBIAN_MIRROR names another (without the /debian at its end).
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sed -n 's|/debian/\?$||p' | head -n 1)}
[ -n "$mirror" ] || { echo "apt uses no Debian mirror: set DEBIAN_MIRROR" >&2; exit 1; }
before=$(apt-cache madison libssl3 | awk '/bookworm\/main/ { print $3; exit }')
[ -n "$before" ] || { echo "apt knows no libssl3 of bookworm/main: apt-get update" >&2; exit 1; }
make() { # TAR PACKAGES
  mmdebstrap --quiet --format=tar --architectures=amd64 --variant=minbase --include="$2" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='cd "$1" && rm -rf boot/initrd.img* etc/ssh/ssh_host_* var/log/*.log var/log/apt/* var/lib/apt/lists && : > etc/machine-id' \
    bookworm "$1" "deb $mirror/debian bookworm main" "deb $mirror/debian bookworm-updates main" \
    "deb $mirror/debian-security bookworm-security main"
}
make "$1/new.tar" "$packages"
make "$1/old.tar" "$packages,libssl3=$before,openssl=$before"
