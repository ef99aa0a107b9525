#!/bin/bash
# sshd.sh ARGS...: Debian's sshd, as the one of a guest.
set -euo pipefail
umask 022
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/unpack.sh"

root=$(unpacked sshd openssh-server libwrap0)
# sshd executes itself anew for each connection, and wants the whole path for that.
export LD_LIBRARY_PATH=$root/lib/x86_64-linux-gnu:$root/usr/lib/x86_64-linux-gnu
exec "$root/usr/sbin/sshd" "$@"
