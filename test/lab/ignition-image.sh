#!/bin/bash
# ignition-image.sh: builds a bootable image that Ignition provisions, and nothing else, and prints its path.
# It is kept in the lab's cache under the hash of this file (the first call takes about three minutes).
#
# It behaves as Fedora CoreOS does where plow can tell the difference: a config from fw_cfg
# (opt/com.coreos/config) at the first boot only, a user `core` with sudo from a config of the image's own,
# keys in ~/.ssh/authorized_keys.d/ignition, NetworkManager, and a failure that stops the boot and is told on
# the serial console. What differs: Debian's packages, and an Ignition 2.14 that expects SELinux.
# Every clone has the same ssh host keys. No loop device, no mount and no network but apt's.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"

packages=(
  systemd-sysv udev dbus linux-image-cloud-amd64 e2fsprogs kmod
  # dracut takes the place of initramfs-tools
  dracut dracut-network ignition curl
  openssh-server sudo tzdata iproute2 iputils-ping network-manager systemd-resolved qemu-guest-agent
)

# In the initramfs: who `core` is, a journal on the console, and what Ignition calls to label files.
make_initramfs() {
  local extra=root/extra version
  mkdir -p $extra/usr/lib/ignition/base.d $extra/usr/sbin \
    $extra/etc/systemd/journald.conf.d $extra/etc/systemd/system/ignition-files.service.d
  cat > $extra/usr/lib/ignition/base.d/00-core.ign <<'JSON'
{"ignition": {"version": "3.0.0"},
 "passwd": {"users": [{"name": "core", "groups": ["adm", "sudo", "systemd-journal"], "shell": "/bin/bash"}]}}
JSON
  printf '[Journal]\nForwardToConsole=yes\nMaxLevelConsole=err\n' > $extra/etc/systemd/journald.conf.d/console.conf
  # As packaged it logs to stdout, where an error is a line as any other.
  cat > $extra/etc/systemd/system/ignition-files.service.d/log.conf <<'CONF'
[Service]
ExecStart=
ExecStart=/usr/bin/ignition --root=/sysroot --platform=${PLATFORM_ID} --stage=files
CONF
  printf '#!/bin/sh\nexec cat > /dev/null\n' > $extra/usr/sbin/setfiles
  chmod 755 $extra/usr/sbin/setfiles
  mkdir -p root/etc/selinux
  printf 'SELINUX=disabled\nSELINUXTYPE=none\n' > root/etc/selinux/config
  cat > root/etc/dracut.conf.d/image.conf <<'CONF'
hostonly="no"
dracutmodules="base bash systemd systemd-initrd systemd-udevd dracut-systemd udev-rules rootfs-block kernel-modules qemu fs-lib shutdown systemd-networkd network url-lib ignition"
drivers=""
add_drivers+=" qemu_fw_cfg virtio_pci virtio_blk virtio_scsi virtio_net ext4 "
install_items+=" /usr/sbin/useradd /usr/sbin/usermod /usr/sbin/groupadd /etc/login.defs "
compress="gzip"
CONF
  version=$(ls root/lib/modules)
  chroot root dracut --force --include /extra / --kver "$version" /boot/initrd.ignition 2> initramfs.log ||
    { cat initramfs.log; return 1; }
  rm -r $extra
}

make_root() {
  local include
  include=$(IFS=,; echo "${packages[*]}")
  mmdebstrap --quiet --variant=minbase --include="$include" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='APT::Sandbox::User "root"' \
    --dpkgopt='force-unsafe-io' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    bookworm root
  rm -rf root/var/cache/apt/* root/var/lib/apt/lists/*
  echo 'PARTLABEL=root / ext4 defaults 0 1' > root/etc/fstab
  # A first boot to systemd, so that it applies presets: Ignition enables units by them. An empty file is none.
  echo uninitialized > root/etc/machine-id
  mkdir -p root/etc/systemd/system-preset
  echo 'disable systemd-networkd*' > root/etc/systemd/system-preset/50-image.preset
  rm -f root/etc/hostname
  ln -sf ../run/systemd/resolve/stub-resolv.conf root/etc/resolv.conf
  echo '%sudo ALL=(ALL) NOPASSWD: ALL' > root/etc/sudoers.d/image
  chmod 440 root/etc/sudoers.d/image
  echo 'AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys.d/ignition' > root/etc/ssh/sshd_config.d/10-ignition.conf
  chroot root systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer
  make_first_boot_the_only_one
}

# The kernel that a later boot takes has another command line.
make_first_boot_the_only_one() {
  local wants=root/etc/systemd/system/sysinit.target.wants
  cat > root/etc/systemd/system/ignition-applied.service <<'UNIT'
[Unit]
Description=Later boots are without Ignition
ConditionKernelCommandLine=ignition.firstboot
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/mount -t vfat -o rw,iocharset=ascii PARTLABEL=esp /mnt
ExecStart=/bin/mv -f /mnt/EFI/BOOT/NEXT.EFI /mnt/EFI/BOOT/BOOTX64.EFI
ExecStart=/bin/umount /mnt
UNIT
  mkdir -p $wants
  ln -s ../ignition-applied.service $wants/
}

# unified FILE ARGUMENT...: kernel, initramfs and command line in one program of UEFI's.
unified() {
  local file=$1
  shift
  echo "root=PARTLABEL=root ro console=ttyS0 $*" > cmdline
  objcopy --add-section .osrel=root/usr/lib/os-release --change-section-vma .osrel=0x20000 \
    --add-section .cmdline=cmdline --change-section-vma .cmdline=0x30000 \
    --add-section .linux="$(ls root/boot/vmlinuz-*)" --change-section-vma .linux=0x2000000 \
    --add-section .initrd=root/boot/initrd.ignition --change-section-vma .initrd=0x3000000 \
    /usr/lib/systemd/boot/efi/linuxx64.efi.stub "$file"
}

make_esp() {
  unified first.efi ignition.firstboot=1 ignition.platform.id=qemu
  unified next.efi
  rm root/boot/initrd*
  truncate -s 192M esp.img
  mkfs.vfat -F 32 -n ESP esp.img > /dev/null
  mmd -i esp.img ::EFI ::EFI/BOOT
  mcopy -i esp.img first.efi ::EFI/BOOT/BOOTX64.EFI
  mcopy -i esp.img next.efi ::EFI/BOOT/NEXT.EFI
}

make_disk() {
  truncate -s 1400M root.img
  mkfs.ext4 -q -L root -d root root.img
  truncate -s 1594M disk.raw
  sfdisk -q disk.raw <<'TABLE'
label: gpt
start=1MiB, size=192MiB, type=U, name=esp
start=193MiB, size=1400MiB, type=L, name=root
TABLE
  dd if=esp.img of=disk.raw bs=1M seek=1 conv=notrunc,sparse status=none
  dd if=root.img of=disk.raw bs=1M seek=193 conv=notrunc,sparse status=none
  qemu-img convert -c -O qcow2 -o compression_type=zstd disk.raw image.qcow2
}

main() {
  local self image
  self=$(readlink -f "${BASH_SOURCE[0]}")
  image=$cache/ignition-$(sha256sum "$self" | cut -c 1-12).qcow2
  require_root
  umask 022
  mkdir -p "$cache"
  exec 9> "$cache/ignition-image.lock"
  flock 9
  if [[ ! -e $image ]]; then
    work=$(mktemp -d "$cache/build.XXXXXX")
    trap 'rm -rf --one-file-system "$work"' EXIT
    echo "building the Ignition image $image (about three minutes)" >&2
    cd "$work"
    { make_root && make_initramfs && make_esp && make_disk; } >&2
    chmod 644 image.qcow2
    mv image.qcow2 "$image"
  fi
  echo "$image"
}

main
