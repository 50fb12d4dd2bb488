#!/bin/bash
# Makes the version pairs that benchmarks/update-bytes.sh works on, of Debian's own package versions; each is a Debian 12 with
# a cloud kernel, podman and Python, about 550 MB:
#   S  one small package (libexpat1) and a configuration file            s-old.tar -> new.tar
#   M  bookworm as released -> with updates and security, kernel included  m-old.tar -> new.tar
#   L  the oldest versions that the mirrors have -> another kernel series and three more packages   l-old.tar -> l-new.tar
#   benchmarks/update-trees.sh DIRECTORY
# The kernels are named, since mirrors keep several: KERNEL_OLD and KERNEL_NEW say others.
set -euo pipefail
mkdir -p "$1"
export SOURCE_DATE_EPOCH=1767225600
base=systemd-sysv,udev,dbus,systemd-resolved,systemd-timesyncd,openssh-server,podman,iproute2,iputils-ping,ca-certificates,curl
base+=,less,vim-tiny,sudo,kmod,procps,nano,zstd,busybox-static,grub-common,libicu72,python3,perl,tzdata,tcpdump,rsync,openssl
# The mirror that this machine uses, unless DEBIAN_MIRROR names another (without the /debian at its end).
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sed -n 's|/debian/\?$||p' | head -n 1)}
[ -n "$mirror" ] || { echo "apt uses no Debian mirror: set DEBIAN_MIRROR" >&2; exit 1; }
main="deb $mirror/debian bookworm main"
updates="deb $mirror/debian bookworm-updates main"
security="deb $mirror/debian-security bookworm-security main"
kernels() { apt-cache search --names-only "^linux-image-$1.*[0-9]-cloud-amd64\$|^linux-image-$1.*deb12-cloud-amd64\$" | cut -d' ' -f1 | sort -V; }
kernel_old=${KERNEL_OLD:-$(kernels '6\.1\.' | head -1)}
kernel_new=${KERNEL_NEW:-$(kernels '6\.12\.' | tail -1)}
expat=$(apt-cache madison libexpat1 | awk '/bookworm\/main/ { print $3; exit }')
[ -n "$kernel_old" ] && [ -n "$kernel_new" ] && [ -n "$expat" ] || { echo "apt knows no such versions: apt-get update" >&2; exit 1; }

# every package at the oldest version that any of the three suites has
oldest=$(mktemp)
trap 'rm -f "$oldest"' EXIT
for list in $(apt-get indextargets --format '$(FILENAME)' 'Created-By: Packages' 'Component: main' | grep -F bookworm); do
  /usr/lib/apt/apt-helper cat-file "$list"
done | awk '/^Package: /{p=$2} /^Version: /{print p, $2}' | sort -k1,1 -k2,2V | awk '$1!=last { last=$1; print "Package: "$1"\nPin: version "$2"\nPin-Priority: 1001\n" }' > "$oldest"

make() { # TAR PACKAGES HOOK SOURCE…
  local tar=$1 packages=$2 hook=$3
  shift 3
  [ -e "$tar" ] && return
  mmdebstrap --quiet --format=tar --architectures=amd64 --variant=minbase --include="$packages" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    ${hook:+"$hook"} \
    --customize-hook='cd "$1" && rm -rf boot/initrd.img* etc/ssh/ssh_host_* etc/apt/sources.list* etc/apt/preferences.d/* var/log/*.log var/log/apt/* var/lib/apt/lists && : > etc/machine-id' \
    bookworm "$tar.new" "$@"
  mv "$tar.new" "$tar"
}
make "$1/new.tar" "$base,linux-image-cloud-amd64" '' "$main" "$updates" "$security"
make "$1/m-old.tar" "$base,linux-image-cloud-amd64" '' "$main"
make "$1/s-old.tar" "$base,linux-image-cloud-amd64,libexpat1=$expat" \
  --customize-hook='sed -i "s/^#MaxAuthTries.*/MaxAuthTries 3/" "$1/etc/ssh/sshd_config"' "$main" "$updates" "$security"
make "$1/l-old.tar" "$base,$kernel_old" --setup-hook="mkdir -p \"\$1/etc/apt/preferences.d\" && cp $oldest \"\$1/etc/apt/preferences.d/oldest\" && chmod 644 \"\$1/etc/apt/preferences.d/oldest\"" "$main" "$updates" "$security"
make "$1/l-new.tar" "$base,$kernel_new,bluez,snmpd,rsyslog" '' "$main" "$updates" "$security"
