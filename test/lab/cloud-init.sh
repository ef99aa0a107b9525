#!/bin/bash
# cloud-init.sh ARGS...: Debian's cloud-init as a judge of what plow writes for it:
#
#   cloud-init.sh schema --config-file USER-DATA
#   cloud-init.sh devel net-convert --network-data NETWORK-CONFIG --kind yaml \
#     --directory OUT --distro debian --output-kind netplan
#
# The package is unpacked in the lab's cache, not installed: on a machine with systemd an
# installed cloud-init would set up that machine at its next boot.
set -euo pipefail
umask 022
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"

readonly unpacked=$cache/cloud-init

unpack() {
  local work
  work=$(mktemp -d "$cache/unpack.XXXXXX")
  (
    cd "$work"
    # The user that apt would otherwise become for this cannot write here.
    apt-get --quiet --quiet --option APT::Sandbox::User=root download cloud-init
    dpkg-deb --extract cloud-init_*.deb root
  ) >&2
  mv "$work/root" "$unpacked"
  rm -rf "$work"
}

mkdir -p "$cache"
if [[ ! -d $unpacked ]]; then
  exec 9> "$cache/cloud-init.lock"
  flock 9
  [[ -d $unpacked ]] || unpack
  exec 9>&-
fi
# Debian's own python: the first on the PATH may not see Debian's modules.
PYTHONPATH=$unpacked/usr/lib/python3/dist-packages exec /usr/bin/python3 -m cloudinit.cmd.main "$@"
