#!/bin/bash
# trixie.sh: unpacks Debian 13 with its libvirt and QEMU, and prints the directory that it is in. With
# LAB_TRIXIE=1 the programs of the lab's hosts, plow's libvirt.so.0 among them, are those of Debian 13.
#
# A minute and 1 GB, once; the packages come from the mirrors that this machine's apt has.
set -euo pipefail
umask 022
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"

# Of packages.txt what runs inside a host, as Debian 13 calls it.
readonly packages=(
  bird3 iproute2 nftables procps python3
  libvirt-clients libvirt-daemon libvirt-daemon-common libvirt-daemon-log libvirt-daemon-driver-qemu
  libvirt-daemon-driver-interface libvirt-daemon-driver-network libvirt-daemon-driver-nodedev
  libvirt-daemon-driver-nwfilter libvirt-daemon-driver-secret libvirt-daemon-driver-storage
  ovmf qemu-system-x86 qemu-utils virtiofsd swtpm swtpm-tools
  bsdextrautils e2fsprogs fish genisoimage libxml2-utils man-db openssh-client tmux xorriso zsh
)

require_root
if [[ ! -x $cache/trixie/usr/sbin/libvirtd || ! -x $cache/trixie/usr/sbin/bird || ! -x $cache/trixie/usr/libexec/virtiofsd ]]; then
  rm -rf --one-file-system "$cache/trixie"
  unpack_debian trixie minbase "$(IFS=, && echo "${packages[*]}")" "$cache/trixie"
fi
# Where the node of this machine is put.
: >> "$cache/trixie/usr/bin/node"
echo "$cache/trixie"
