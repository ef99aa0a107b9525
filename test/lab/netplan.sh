#!/bin/bash
# netplan.sh ROOT: what netplan makes, below ROOT/run, of the files in ROOT/etc/netplan; a judge of what a guest's
# network becomes.
set -euo pipefail
umask 022
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/unpack.sh"

root=$(unpacked netplan netplan.io libnetplan0)
LD_LIBRARY_PATH=$(echo "$root"/usr/lib/*-linux-gnu) exec "$root/usr/libexec/netplan/generate" --root-dir "$1"
