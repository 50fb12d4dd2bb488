#!/bin/sh
# The first process of a machine whose services `firn pm` looks after. The initramfs has mounted /proc, /sys, /dev, /run
# and /tmp; this mounts the rest of what programs expect, and becomes the manager. No step may stop the machine.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=linux DOTNET_EnableDiagnostics=0
mkdir -p /dev/pts /dev/shm
mount -t devpts -o nosuid,noexec,gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /dev/shm
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
read -r name < /etc/hostname && echo "$name" > /proc/sys/kernel/hostname
exec /usr/bin/firn pm main --init --units /etc/firn/units
