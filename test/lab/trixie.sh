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
  iproute2 procps python3
  libvirt-clients libvirt-daemon libvirt-daemon-common libvirt-daemon-log libvirt-daemon-driver-qemu
  libvirt-daemon-driver-interface libvirt-daemon-driver-network libvirt-daemon-driver-nodedev
  libvirt-daemon-driver-nwfilter libvirt-daemon-driver-secret libvirt-daemon-driver-storage
  ovmf qemu-system-x86 qemu-utils swtpm swtpm-tools
  bsdextrautils e2fsprogs fish genisoimage libxml2-utils man-db openssh-client tmux xorriso zsh
)

build() {
  local work sources
  "${BASH_SOURCE[0]%/*}/setup.sh" mmdebstrap > /dev/null
  mapfile -t sources < <(mirrors trixie)
  ((${#sources[@]})) || die 'apt knows no mirror of Debian'
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/trixie.XXXXXX")
  # shellcheck disable=SC2064 # as it is now
  trap "rm -rf --one-file-system '$work'" EXIT
  nice -n 19 mmdebstrap --quiet --variant=minbase --aptopt='APT::Sandbox::User "root"' \
    --include="$(IFS=, && echo "${packages[*]}")" trixie "$work/root" "${sources[@]}" >&2
  chmod 755 "$work/root"
  # Where the node of this machine is put.
  : >> "$work/root/usr/bin/node"
  mv "$work/root" "$cache/trixie"
}

require_root
[[ -x $cache/trixie/usr/sbin/libvirtd ]] || build
echo "$cache/trixie"
