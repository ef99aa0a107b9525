#!/bin/bash
# busybox-image.sh: builds a small Linux guest from Debian's packages and prints the path of its
# qcow2 image. It is kept in the lab's cache under the hash of this file: the first call takes
# some seconds, a later one none. By hand, once a lab is up:
#
#   cp "$(test/lab/busybox-image.sh)" /tmp/$LAB_NAME/h1/lib/images/busybox.qcow2
#
# It is Debian's cloud kernel with busybox in an initrd, on a FAT file system that BIOS (the
# faster) and UEFI boot alike. It is up in about 4 s without KVM, and
#
#   - takes its name and its addresses and gateways from the NoCloud seed, by MAC address
#   - says "NAME is up" on the serial port, and runs a root shell there
#   - answers ping, obeys the power button
#   - sees CPUs, memory and disks that are added or grow (nproc, free, blockdev --getsize64)
#   - mounts directories of its hypervisor (mount -t virtiofs TAG /mnt)
#
# It has no cloud-init, no sshd and no guest agent; its root is in memory, and the boot disk is not
# mounted.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/unpack.sh"

# In the order in which they need each other.
readonly modules=(
  virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci
  virtio_blk failover net_failover virtio_net virtio_balloon virtio_console
  scsi_common scsi_mod virtio_scsi cdrom sr_mod isofs nls_utf8 button evdev
  fuse virtiofs
)

# The first process of the guest.
write_init() {
  cat > "$1" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/ TERM=vt100 PS1='\h:\w# '
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module.ko"; done < /modules/order
echo online > /sys/devices/system/memory/auto_online_blocks

cat > /etc/power <<'POWER'
#!/bin/sh
echo 'the power button was pressed' > /dev/console
sync
poweroff -f
POWER
chmod +x /etc/power
mkdir -p /etc/acpi/PWRF /seed
ln -s /etc/power /etc/acpi/PWRF/00000080
acpid -d > /dev/null 2>&1 &

# CPUs that are plugged in wait to be taken.
while sleep 1; do
  for cpu in /sys/devices/system/cpu/cpu[0-9]*/online; do
    [ ! -e "$cpu" ] || [ "$(cat "$cpu")" = 1 ] || echo 1 > "$cpu"
  done
done &

# The seed is a CD-ROM, or a disk that cannot be written.
for device in /dev/sr0 /dev/vd[b-z]; do
  [ -b "$device" ] || continue
  mount -t iso9660 -o ro "$device" /seed 2> /dev/null || continue
  [ ! -e /seed/meta-data ] || break
  umount /seed
done
hostname "$(sed -n 's/^local-hostname: *//p' /seed/meta-data 2> /dev/null | tr -d "\"'" | grep . || echo busybox)"

# The keys of netplan that plow writes, one a line.
ip link set lo up
device_of() { grep -il "^$1\$" /sys/class/net/*/address | cut -d / -f 5; }
[ ! -e /seed/network-config ] || tr -d "\"'" < /seed/network-config | awk '
  /macaddress:/ { mac = $2; print "up", mac }
  /^ *- [0-9a-f.:]+\/[0-9]+$/ { print "address", mac, $2 }
  /- to:/ { to = $3 }
  /via:/ { print "route", mac, to, $2 }
' | while read -r what mac value via; do
  device=$(device_of "$mac")
  case $what in
    up) ip link set "$device" up ;;
    address) ip address add "$value" dev "$device" ;;
    route) ip route add "$value" via "$via" dev "$device" onlink ;;
  esac
done

echo "$(hostname) is up"
while :; do setsid cttyhack sh -l < /dev/ttyS0 > /dev/ttyS0 2>&1; done
INIT
  chmod +x "$1"
}

make_initrd() {
  local module
  mkdir -p root/{bin,proc,sys,dev,etc,mnt,modules}
  cp "$packages/bin/busybox" root/bin/
  write_init root/init
  for module in "${modules[@]}"; do
    # What is built into this kernel is no file.
    find "$packages/lib/modules" -name "$module.ko" -exec cp {} root/modules/ \;
    [[ ! -e root/modules/$module.ko ]] || echo "$module"
  done > root/modules/order
  (cd root && find . | "$packages/bin/busybox" cpio -o -H newc 2> /dev/null) | gzip -6 > initrd
}

# No partitions: to the firmware the disk is one file system.
make_disk() {
  local options='console=ttyS0 quiet'
  truncate -s 24M disk.raw
  mkfs.vfat -F 16 -n BUSYBOX disk.raw > /dev/null
  mcopy -i disk.raw "$packages"/boot/vmlinuz-* ::vmlinuz
  mcopy -i disk.raw initrd ::initrd
  mcopy -i disk.raw - ::syslinux.cfg <<CFG
DEFAULT linux
LABEL linux
  KERNEL vmlinuz
  INITRD initrd
  APPEND $options
CFG
  mmd -i disk.raw ::EFI ::EFI/BOOT ::loader ::loader/entries
  mcopy -i disk.raw /usr/lib/systemd/boot/efi/systemd-bootx64.efi ::EFI/BOOT/BOOTX64.EFI
  echo 'timeout 0' | mcopy -i disk.raw - ::loader/loader.conf
  mcopy -i disk.raw - ::loader/entries/busybox.conf <<ENTRY
title busybox
linux /vmlinuz
initrd /initrd
options $options
ENTRY
  "$packages/usr/bin/syslinux" --install disk.raw
  qemu-img convert -q -O qcow2 disk.raw image.qcow2
}

main() {
  local self image kernel packages
  self=$(readlink -f "${BASH_SOURCE[0]}")
  image=$cache/busybox-$(sha256sum "$self" | cut -c 1-12).qcow2
  umask 022
  mkdir -p "$cache"
  exec 8> "$cache/busybox-image.lock"
  flock 8
  if [[ ! -e $image ]]; then
    kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: //p' | head -n 1)
    packages=$(unpacked busybox busybox-static syslinux "$kernel")
    work=$(mktemp -d "$cache/build.XXXXXX")
    trap 'rm -rf --one-file-system "$work"' EXIT
    cd "$work"
    { make_initrd && make_disk; } >&2
    chmod 644 image.qcow2
    mv image.qcow2 "$image"
  fi
  echo "$image"
}

main
