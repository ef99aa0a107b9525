#!/bin/bash
# guest-image.sh [SUITE]: builds a bootable cloud image from Debian's packages and prints
# its path. The image is kept in the lab's cache under the hash of this file, so that only
# the first call takes time (about two minutes; a later one is instant).
#
# It is what a provider's image is where plow can tell the difference: UEFI, GPT, Debian's
# *cloud* kernel (virtio only, no AHCI driver), cloud-init, netplan and sshd.
# No loop device, no mount and no network but apt's.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"

readonly suite=${1:-bookworm}

packages=(
  systemd-sysv udev dbus linux-image-cloud-amd64 e2fsprogs
  cloud-init cloud-guest-utils qemu-guest-agent openssh-server
  # netplan makes cloud-init render for systemd-networkd, as current cloud images do
  netplan.io systemd-resolved iproute2 iputils-ping
  sudo tzdata
)

make_root() {
  local include
  include=$(IFS=,; echo "${packages[*]}")
  mmdebstrap --quiet --variant=minbase --include="$include" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='APT::Sandbox::User "root"' \
    --dpkgopt='force-unsafe-io' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$suite" root
  rm -rf root/var/cache/apt/* root/var/lib/apt/lists/*
  echo 'PARTLABEL=root / ext4 defaults 0 1' > root/etc/fstab
  # Every clone makes its own machine id and host keys. RSA keys take seconds without KVM.
  : > root/etc/machine-id
  rm -f root/etc/ssh/ssh_host_*
  cat > root/etc/cloud/cloud.cfg.d/90-image.cfg <<'CFG'
datasource_list: [NoCloud, None]
locale: C.UTF-8
ssh_genkeytypes: [ed25519]
CFG
  # Chores that a test would only wait for.
  chroot root systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer
}

# The EFI system partition: systemd-boot at the path that firmware boots without being told.
make_esp() {
  truncate -s 128M esp.img
  mkfs.vfat -F 32 -n ESP esp.img > /dev/null
  mmd -i esp.img ::EFI ::EFI/BOOT ::loader ::loader/entries
  mcopy -i esp.img /usr/lib/systemd/boot/efi/systemd-bootx64.efi ::EFI/BOOT/BOOTX64.EFI
  mcopy -i esp.img root/boot/vmlinuz-* ::vmlinuz
  mcopy -i esp.img root/boot/initrd.img-* ::initrd
  echo 'timeout 0' | mcopy -i esp.img - ::loader/loader.conf
  mcopy -i esp.img - ::loader/entries/debian.conf <<'ENTRY'
title Debian
linux /vmlinuz
initrd /initrd
options root=PARTLABEL=root ro console=ttyS0
ENTRY
}

make_disk() {
  truncate -s 1400M root.img
  mkfs.ext4 -q -L root -d root root.img
  truncate -s 1530M disk.raw
  sfdisk -q disk.raw <<'TABLE'
label: gpt
start=1MiB, size=128MiB, type=U, name=esp
start=129MiB, size=1400MiB, type=L, name=root
TABLE
  dd if=esp.img of=disk.raw bs=1M seek=1 conv=notrunc,sparse status=none
  dd if=root.img of=disk.raw bs=1M seek=129 conv=notrunc,sparse status=none
  qemu-img convert -c -O qcow2 -o compression_type=zstd disk.raw image.qcow2
}

main() {
  local self image
  self=$(readlink -f "${BASH_SOURCE[0]}")
  image=$cache/guest-$suite-$(sha256sum "$self" | cut -c 1-12).qcow2
  require_root
  umask 022
  mkdir -p "$cache"
  # The lock is held by this process: two callers build once, and a killed one leaves none.
  exec 9> "$cache/guest-image.lock"
  flock 9
  if [[ ! -e $image ]]; then
    work=$(mktemp -d "$cache/build.XXXXXX")
    trap 'rm -rf --one-file-system "$work"' EXIT
    echo "building the guest image $image (about two minutes)" >&2
    cd "$work"
    { make_root && make_esp && make_disk; } >&2
    chmod 644 image.qcow2
    mv image.qcow2 "$image"
  fi
  echo "$image"
}

main
