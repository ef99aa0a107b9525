#!/bin/bash
# installer-iso.sh: makes the ISO of a small installer and prints its path. It is kept in the lab's cache under the
# hash of this file and of the system that it installs: the first call takes some seconds, a later one none.
#
# It boots by UEFI (El Torito, systemd-boot) into a menu, on the screen and on the serial port:
#
#   Install, and ask on the serial console    asks there for "yes"
#   Install at once                           asks nothing more
#
# Then it writes the guest of busybox-image.sh onto /dev/vda, all of it, says "Installed" on the serial port and restarts
# the machine. What it needs of the ISO is loaded by the firmware: it has no driver for drives.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"

# What is on top of the root of busybox-image.sh.
write_installer() {
  mkdir -p over
  qemu-img convert -q -O raw "$1" disk.raw
  gzip -6 < disk.raw > over/system.gz
  cat > over/init <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module.ko"; done < /modules/order
exec < /dev/ttyS0 > /dev/ttyS0 2>&1
answer=
grep -qw at_once /proc/cmdline && answer=yes
while [ "$answer" != yes ]; do
  printf 'Install to /dev/vda? All that is on it is written over. Type yes: '
  read -r answer
done
zcat /system.gz | dd of=/dev/vda bs=1M 2> /dev/null && sync && echo 'Installed: the machine restarts, and boots from its disk.'
reboot -f
INIT
  chmod +x over/init
}

entry() {
  mcopy -i efi.img - "::loader/entries/$1.conf" <<ENTRY
title $2
sort-key $1
linux /vmlinuz
initrd /initrd
options console=ttyS0 quiet$3
ENTRY
}

make_iso() {
  local busybox=$cache/busybox/bin/busybox
  mcopy -i disk.raw ::vmlinuz vmlinuz
  mcopy -i disk.raw ::initrd initrd
  (cd over && find . | "$busybox" cpio -o -H newc 2> /dev/null) | gzip -1 >> initrd
  # El Torito counts its sectors in 16 bits: 32 MiB are the most.
  truncate -s 31M efi.img
  mkfs.vfat -F 16 -n INSTALLER efi.img > /dev/null
  mmd -i efi.img ::EFI ::EFI/BOOT ::loader ::loader/entries
  mcopy -i efi.img /usr/lib/systemd/boot/efi/systemd-bootx64.efi ::EFI/BOOT/BOOTX64.EFI
  mcopy -i efi.img vmlinuz initrd ::
  printf 'timeout menu-force\nauto-firmware no\n' | mcopy -i efi.img - ::loader/loader.conf
  entry 1-ask 'Install, and ask on the serial console' ''
  entry 2-once 'Install at once' ' at_once'
  mkdir iso
  mv efi.img iso
  xorriso -as mkisofs -quiet -V PLOW_INSTALLER -e efi.img -no-emul-boot -o installer.iso iso
}

main() {
  local self system iso
  self=$(readlink -f "${BASH_SOURCE[0]}")
  system=$("${self%/*}/busybox-image.sh")
  iso=$cache/installer-$({ cat "$self"; echo "$system"; } | sha256sum | cut -c 1-12).iso
  umask 022
  exec 8> "$cache/installer-iso.lock"
  flock 8
  if [[ ! -e $iso ]]; then
    work=$(mktemp -d "$cache/build.XXXXXX")
    trap 'rm -rf --one-file-system "$work"' EXIT
    cd "$work"
    { write_installer "$system" && make_iso; } >&2
    chmod 644 installer.iso
    mv installer.iso "$iso"
  fi
  echo "$iso"
}

main
