#!/bin/busybox sh
# The whole initramfs: finds the slot that GRUB started, mounts its root image read-only, lays the writable places over
# it and hands over. Whatever needs more than busybox runs from the mounted root image. No step may stop a machine that
# could boot without it: a data partition that is away costs persistence, not the boot.
export PATH=/bin:/sbin DOTNET_EnableDiagnostics=0
/bin/busybox mkdir -p /bin /sbin /proc /sys /dev /run /sysroot
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run
mkdir -p /run/firn
. /etc/firn-init.conf

say() { echo "<5>firn: $*" > /dev/kmsg; }

parameter() { # NAME DEFAULT: the last firn.NAME= of the kernel command line
  value=$(tr ' ' '\n' < /proc/cmdline | sed -n "s/^firn\.$1=//p" | tail -n 1)
  echo "${value:-$2}"
}
slot=$(parameter slot a)
trial=$(parameter trial 0)
install=$(parameter install 0)
confirmed=$(parameter confirmed a)
esp=$(parameter esp '')
etc=$(parameter etc "$PERSIST_ETC")
deadline=$(parameter deadline 300)
watchdog=$(parameter watchdog 0)
init=$(parameter init /sbin/init)
firn="chroot /sysroot /usr/bin/firn"
say "initramfs of slot $slot, install $install, trial $trial"

letter() { [ "$1" = rescue ] && echo r || echo "$1"; }
rescue() { # CAUSE: what runs from here on is the rescue system: docs/reference/rescue.md
  slot=rescue etc=none
  echo "$1" > /run/firn/rescue
}
if [ "$slot" = rescue ]; then
  [ "$trial" = 1 ] && cause=asked || cause=$(parameter rescue boot-images)
  rescue "$cause"
fi

# note FILE TEXT: how far a trial came and why it stopped, for the report of the slot that boots after it.
note() {
  [ "$trial" = 1 ] && grep -q ' /sysroot/data ' /proc/mounts || return 0
  mkdir -p /sysroot/data/firn/boot
  echo "$2" > "/sysroot/data/firn/boot/$1" && sync
}

# A trial that cannot go on ends here, and its next try begins; a confirmed slot gives a person time to read.
fail() {
  say "slot $slot cannot start: $*"
  note reason "$*"
  sync
  if [ "$trial" = 1 ]; then sleep 2; else sleep 30; fi
  echo b > /proc/sysrq-trigger
}

# ---- drivers -------------------------------------------------------------------------------------------------------
# The kernel asks for more by itself, such as the checksum that ext4 needs; busybox knows no soft dependencies.
systems_modprobe=$(cat /proc/sys/kernel/modprobe)
echo /bin/modprobe > /proc/sys/kernel/modprobe
modprobe -a -q $MODULES
coldplug() { # drivers for what is there; they bring forth more, such as the disks of a bus: false when nothing has come since
  aliases=$(find /sys/devices -name modalias -exec cat {} + 2> /dev/null | sort -u)
  [ "$aliases" != "$driven" ] || return 1
  driven=$aliases
  echo "$aliases" | xargs -r modprobe -a -q 2> /dev/null
}
coldplug
if [ "$watchdog" != 0 ] && [ -c /dev/watchdog ]; then
  # Killed without the closing character before the handover: the timer runs on, and the system's PID 1 must feed it.
  busybox watchdog -F -t 5 -T "$watchdog" /dev/watchdog &
  feeder=$!
  say "watchdog set to $watchdog seconds"
fi

# ---- the disk: the one whose ESP GRUB was started from; never a partition of the same name on another ----------------
esp_id() { # DISK: GUID of its partition 2, read from the partition table (entries begin at byte 1024, 128 bytes each)
  dd if="/dev/$1" bs=16 skip=$(((1024 + 128 + 16) / 16)) count=1 2> /dev/null > /run/firn/guid
  hexdump -v -n 8 -e '1/4 "%08x-" 2/2 "%04x-"' /run/firn/guid
  hexdump -v -s 8 -n 2 -e '2/1 "%02x"' /run/firn/guid
  hexdump -v -s 10 -n 6 -e '"-" 6/1 "%02x"' /run/firn/guid
}
partition() { # DISK NAME: its device
  for uevent in /sys/block/"$1"/"$1"*/uevent; do
    grep -qx "PARTNAME=$2" "$uevent" 2> /dev/null && sed -n 's|^DEVNAME=|/dev/|p' "$uevent" && return 0
  done
  return 1
}
find_disk() {
  for block in /sys/block/*; do
    name=${block##*/}
    partition "$name" firn-esp > /dev/null || continue
    [ -z "$esp" ] || [ "$(esp_id "$name")" = "$esp" ] || continue
    disk=$name
    return 0
  done
  return 1
}
waited=0
until find_disk; do
  [ $waited -lt 150 ] || fail "no disk with this system's ESP ($esp) appeared within 30 seconds"
  waited=$((waited + 1))
  coldplug || sleep 0.2
done

# ---- the root image --------------------------------------------------------------------------------------------------
# With verity each is mounted from a device of dm-verity, which gives nothing away that the root hash does not vouch for.
root_hash() { # SLOT: number of blocks, root hash and salt. Those of this slot came with the kernel; another's boot image is asked
  if [ "$1" = "$booted" ]; then parameter verity '' && return; fi
  boot=$(partition "$disk" "firn-boot-$(letter "$1")") && mkdir -p /run/firn/boot &&
    mount -t vfat -o ro "$boot" /run/firn/boot || return 1
  tr -s " '" '\n' < /run/firn/boot/slot.cfg | sed -n 's/^firn\.verity=//p' | tail -n 1
  umount /run/firn/boot
}
open_root() { # SLOT [RESPONSE]: its root image can be mounted from $opened; else $why says why not
  why="its root image cannot be mounted"
  opened=$(partition "$disk" "firn-root-$(letter "$1")") || return 1
  [ -n "$VERITY" ] || return 0
  hash=$(root_hash "$1") || return 1
  # a version before verity, whose settings are carried over
  [ -z "$hash" ] && [ "$1" != "$booted" ] && [ "$1" != rescue ] && return 0
  table=$(echo "$hash" | sed -n 's/^\([0-9]\{1,15\}\):\([0-9a-f]\{64\}\):\([0-9a-f]\{2,512\}\)$/\1 \2 \3/p')
  why="its root image is not started from: no root hash vouches for it"
  [ -n "$table" ] || return 1
  response=
  case $2 in restart | panic) response="1 $2_on_corruption" ;; esac
  set -- "firn-root-$(letter "$1")" $table
  why="its root image cannot be verified"
  DM_DISABLE_UDEV=1 dmsetup create "$1" --readonly --table \
    "0 $(($2 * 8)) verity 1 $opened $opened 4096 4096 $2 $(($2 + 1)) sha256 $3 $4 $response" 2> /dev/kmsg || return 1
  opened=/dev/mapper/$1
  why="its root image cannot be mounted"
}
close_root() { # SLOT
  [ -z "$VERITY" ] || DM_DISABLE_UDEV=1 dmsetup remove --deferred "firn-root-$(letter "$1")" 2> /dev/null
}
# A trial reads all of its image before it begins: one that is damaged is given up, and can still say why.
read_all() { # SLOT
  open_root "$1" || return 1
  dd if="$opened" of=/dev/null bs=1M 2> /dev/null
  result=$?
  close_root "$1"
  [ $result = 0 ] && return 0
  why="its root image is damaged: $(dmesg | sed -n 's/.*device-mapper: verity: [^ ]*: *//p' | head -n 1)"
  return 1
}
mount_root() { # SLOT
  response=$VERITY
  if [ -n "$VERITY" ] && [ "$trial" = 1 ]; then
    read_all "$1" || return 1
    response=restart
  fi
  open_root "$1" "$response" || return 1
  device=$opened
  mount -t squashfs -o ro "$device" /sysroot && return 0
  close_root "$1"
  return 1
}
booted=$slot
if ! mount_root "$slot"; then
  data=$(partition "$disk" firn-data)
  if [ "$trial" = 1 ]; then
    mkdir -p /sysroot/data 2> /dev/null
    [ -n "$data" ] && mount -t ext4 "$data" /sysroot/data
    fail "$why"
  fi
  say "slot $slot: $why, trying the rescue system"
  own=$why
  mount_root rescue || fail "$own, and there is no rescue system to start: $why"
  rescue root-image
fi
for place in dev proc sys run; do
  mount --move "/$place" "/sysroot/$place" && rm -rf "/${place:?}" && ln -s "/sysroot/$place" "/$place"
done

# ---- data ------------------------------------------------------------------------------------------------------------
persistent=0
if data=$(partition "$disk" firn-data); then
  entry=/sys/class/block/${data##*/}
  unused=$(($(cat "/sys/block/$disk/size") - $(cat "$entry/start") - $(cat "$entry/size")))
  magic=$(dd if="$data" bs=2 skip=540 count=1 2> /dev/null | hexdump -v -e '1/2 "%04x"')
  # ef53 at byte 1080 marks ext4; 131072 sectors are 64 MiB by which the disk has outgrown the partition.
  if [ "$magic" != ef53 ] || [ "$unused" -gt 131072 ]; then
    say "preparing the data partition"
    $firn data prepare --disk "/dev/$disk" > /run/firn/data-prepare.log 2>&1 ||
      say "data partition: $(tail -n 1 /run/firn/data-prepare.log)"
  elif [ -x /sysroot/sbin/e2fsck ]; then
    chroot /sysroot /sbin/e2fsck -p "$data" > /run/firn/data-check.log 2>&1
    [ $? -lt 4 ] || say "data partition: $(tail -n 1 /run/firn/data-check.log)"
  fi
  if mount -t ext4 -o noatime "$data" /sysroot/data; then persistent=1; fi
fi
if [ $persistent = 0 ]; then
  say "no data partition can be mounted: nothing will be kept over a restart"
  mount -t tmpfs -o mode=755 tmpfs /sysroot/data
fi
if [ -e /sysroot/data/firn/reset ]; then
  say "factory reset"
  $firn data erase --data /data > /run/firn/reset.log 2>&1
  say "factory reset: $(tail -n 1 /run/firn/reset.log)"
fi
mkdir -p /sysroot/data/firn/boot
[ "$trial" = 1 ] && rm -f /sysroot/data/firn/boot/reason
note stage root

# ---- writable places -------------------------------------------------------------------------------------------------
writable() { # PLACE data|none DIRECTORY-ON-DATA: an overlay over the image's own directory, and over that of its overlay
  [ -d "/sysroot/$1" ] || return 0
  lower=$image/$1
  [ -d "$ovl/$1" ] && lower=$ovl/$1:$lower
  layer=/sysroot/data/firn/$3
  [ "$2" = data ] || layer=/run/firn/volatile/$3
  mkdir -p "$layer/upper" "$layer/work" &&
    mount -t overlay -o "lowerdir=$lower,upperdir=$layer/upper,workdir=$layer/work" overlay "/sysroot/$1" &&
    return 0
  say "/$1: changes cannot be kept"
  layer=/run/firn/volatile/$3
  mkdir -p "$layer/upper" "$layer/work"
  mount -t overlay -o "lowerdir=$lower,upperdir=$layer/upper,workdir=$layer/work" overlay "/sysroot/$1"
}

# The first boot of a new install takes the settings of the slot it replaces: a three-way merge of that slot's image,
# what was changed on this machine, and the new image. The old slot's own layer stays as it is, for a rollback.
carry_etc() {
  mine=/sysroot/data/firn/etc/$slot
  from=$confirmed
  [ "$from" = "$slot" ] && from=$([ "$slot" = a ] && echo b || echo a)
  [ "$(cat "$mine/install" 2> /dev/null)" = "$install" ] && return 0
  if [ -d "/sysroot/data/firn/etc/$from/upper" ]; then
    mkdir -p /run/firn/old
    before=/run/firn/old/etc
    if ! { open_root "$from" && mount -t squashfs -o ro "$opened" /run/firn/old; }; then
      # healed from rescue: what the machine has changed is known, what it was before is not
      say "slot $from: its root image cannot be mounted; the machine's settings are taken as they are"
      before=/etc
    fi
    $firn etc carry --from-lower "$before" --from-upper "/data/firn/etc/$from/upper" \
      --to-lower /etc --to-upper "/data/firn/etc/$slot/upper" > /run/firn/etc-carry.log 2>&1
    result=$?
    umount /run/firn/old 2> /dev/null
    close_root "$from"
    [ $result = 0 ] || return 1
    say "settings carried over from slot $from"
  fi
  mkdir -p "$mine" && echo "$install" > "$mine/install.new" && sync && mv "$mine/install.new" "$mine/install"
}
if [ "$etc" = data ] && [ $persistent = 1 ] && ! carry_etc; then
  [ "$trial" = 1 ] && fail "settings could not be carried over: $(tail -n 1 /run/firn/etc-carry.log 2> /dev/null)"
  say "settings could not be carried over, starting with the image's own /etc"
  etc=none
fi

# ---- the overlay that makes a generic image into this machine: docs/reference/overlay.md -----------------------------
image=/sysroot
ovl=/run/firn/overlay/layer
overlay_drivers() { # drivers that only this needs wait in the root image
  for place in lib/modules lib/firmware; do
    [ -d "/sysroot/usr/$place" ] && rm -rf "/${place:?}" && ln -s "/sysroot/usr/$place" "/$place"
  done
  find /sys/devices -name modalias -exec cat {} + 2> /dev/null | sort -u |
    grep -E '^(pci:.*bc02|virtio:d00000001|usb:|of:|platform:|sdio:|vmbus:)' | xargs -r modprobe -a -q 2> /dev/null
  # a drive that is plugged in from now on is seen by who waits for it; nobody loads drivers then
  modprobe -a -q sd_mod usb_storage uas
}
network_up() { # an address for every interface with a cable, and their name servers; the system itself starts afresh
  cat > /run/firn/udhcpc << 'SCRIPT'
#!/bin/busybox sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
busybox ip addr add "$ip/${mask:-24}" dev "$interface"
for one in $router; do busybox ip route add default via "$one" dev "$interface" && break; done
for one in $dns; do echo "nameserver $one"; done >> /run/firn/resolv.conf
SCRIPT
  chmod 755 /run/firn/udhcpc
  ip link set lo up
  waits=
  for interface in /sys/class/net/*; do
    [ "$(cat "$interface/type")" = 1 ] || continue
    name=${interface##*/}
    ip link set "$name" up
    udhcpc -i "$name" -s /run/firn/udhcpc -n -q -f -t 4 -T 2 -A 1 > /dev/null 2>&1 &
    waits="$waits $!"
  done
  for one in $waits; do wait "$one"; done
  [ -s /run/firn/resolv.conf ] || : > /run/firn/resolv.conf
  resolv=/sysroot/etc/resolv.conf
  if [ -L $resolv ]; then
    link=$(readlink $resolv)
    case $link in /*) link=/sysroot$link ;; *) link=/sysroot/etc/$link ;; esac
    mkdir -p "${link%/*}" 2> /dev/null && cp /run/firn/resolv.conf "$link" 2> /dev/null && echo "$link" > /run/firn/resolv-made
  elif [ -f $resolv ]; then
    mount --bind /run/firn/resolv.conf $resolv
  fi
  echo up > /run/firn/network
}
network_down() {
  wait "$1"
  umount /sysroot/etc/resolv.conf 2> /dev/null
  [ -f /run/firn/resolv-made ] && rm -f "$(cat /run/firn/resolv-made)"
  for interface in /sys/class/net/*; do
    ip addr flush dev "${interface##*/}"
    ip link set "${interface##*/}" down
  done
  rm -f /run/firn/network /run/firn/resolv.conf /run/firn/resolv-made /run/firn/udhcpc
}
apply_overlay() {
  begun=$(cut -d ' ' -f 1 /proc/uptime)
  sources=$(parameter ovl "$OVERLAY_SOURCES")
  overlay_drivers
  case $sources in *efi:*) mount -t efivarfs efivarfs /sys/firmware/efi/efivars 2> /dev/null ;; esac
  case $sources in *fw_cfg:*) modprobe -q qemu_fw_cfg ;; esac
  network=
  case $sources in *http:* | *https:* | *dns:* | *repository:*)
    echo pending > /run/firn/network
    network_up &
    network=$!
    ;;
  esac
  kept=--volatile
  [ $persistent = 1 ] && kept=
  timeout 300 $firn overlay apply --boot --esp "$(partition "$disk" firn-esp)" $kept > /run/firn/overlay.log 2>&1
  result=$?
  [ -n "$network" ] && network_down "$network"
  umount /sys/firmware/efi/efivars 2> /dev/null
  while read -r line; do say "overlay: $line"; done < /run/firn/overlay.log
  say "overlay: took from second $begun to $(cut -d ' ' -f 1 /proc/uptime)"
  [ $result = 0 ]
}
replace_root() { # what is mounted on /newroot becomes the root; the mounts within the old one go along
  for place in dev proc sys run data; do mount --move "/sysroot/$place" "/newroot/$place"; done
  umount -l /sysroot && mount --move /newroot /sysroot
}
lay_overlay() { # a second mount of the root image below, because the first one is in use up to here
  mkdir -p /run/firn/root /newroot
  mount -t squashfs -o ro "$device" /run/firn/root &&
    mount -t overlay -o "lowerdir=$ovl:/run/firn/root" overlay /newroot || return 1
  replace_root
  image=/run/firn/root
}
enter_rescue() {
  mkdir -p /newroot
  open_root rescue "$VERITY" && mount -t squashfs -o ro "$opened" /newroot ||
    fail "no overlay that can be taken, and no rescue system"
  replace_root
  close_root "$slot"
  rescue overlay
}
# The boot entry with the image's own /etc is for when settings keep a system from working: overlays are settings, too.
if [ -n "$OVERLAYS" ] && [ "$slot" != rescue ] && [ "$etc" != pristine ]; then
  if ! apply_overlay; then
    rm -rf "$ovl"
    if [ "$OVERLAY_FAILURE" = rescue ]; then
      say "no overlay that can be taken, and the image does not start without: the rescue system"
      [ "$trial" = 1 ] && fail "no overlay that can be taken"
      enter_rescue
    fi
  fi
  if [ -d "$ovl" ] && ! lay_overlay; then
    say "the overlay cannot be laid over the root image"
    rm -rf "$ovl"
  fi
fi
writable etc "$etc" "etc/$slot"
writable var "$PERSIST_VAR" var
writable home "$PERSIST_HOME" home
writable root "$PERSIST_ROOT" root
for place in $CONTAINERS; do # directories of the data partition itself: no overlay of a runtime lies on the overlay that is /var
  mkdir -p "/sysroot/data/containers/$place" "/sysroot/var/lib/$place" &&
    mount --bind "/sysroot/data/containers/$place" "/sysroot/var/lib/$place" || say "/var/lib/$place: containers cannot be kept"
done
if [ "$slot" = rescue ]; then
  cp -a /sysroot/data/firn/rescue/etc/. /sysroot/etc/ 2> /dev/null    # kept when the machine was last well
  modprobe -a -q sd_mod usb_storage uas    # a drive may be plugged in where nobody loads drivers then
fi
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /sysroot/tmp

if [ -e /run/firn/overlay/on-trial ]; then
  # As below for a slot: restarts the machine unless firn-confirm has decided about the overlay in time.
  setsid chroot /sysroot /bin/sh -c "
    sleep $((deadline + 30))
    [ -e /run/firn/overlay/judged ] && exit
    echo 'not confirmed within $deadline seconds' > /data/firn/overlay/reason
    echo '<2>firn: overlay not confirmed in time, restarting' > /dev/kmsg
    sync
    echo b > /proc/sysrq-trigger" < /dev/null > /dev/null 2>&1 &
fi

# ---- handover --------------------------------------------------------------------------------------------------------
if [ "$trial" = 1 ]; then
  # A trial that hangs where nothing else notices: this outlives the initramfs and needs nothing of the new system but
  # a shell. firn-confirm makes /run/firn/healthy when the system has proved itself or the trial was given up.
  setsid chroot /sysroot /bin/sh -c "
    sleep $((deadline + 30))
    [ -e /run/firn/healthy ] && exit
    echo 'not confirmed within $deadline seconds' > /data/firn/boot/reason
    echo '<2>firn: trial not confirmed in time, restarting' > /dev/kmsg
    sync
    echo b > /proc/sysrq-trigger" < /dev/null > /dev/null 2>&1 &
fi
note stage switch-root
say "handing over to $init"
echo "$systems_modprobe" > /proc/sys/kernel/modprobe
[ -n "$feeder" ] && kill -9 "$feeder" 2> /dev/null
exec switch_root -c /dev/console /sysroot "$init"
