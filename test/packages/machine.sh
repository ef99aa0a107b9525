#!/bin/bash
# machine.sh SUITE: unpacks a Debian of a user, without Node, and prints the directory that it is in. Made once.
set -euo pipefail
umask 022
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/../lab/common.sh"

readonly suite=$1 root=$cache/user-$1

require_root
[[ -x $root/usr/bin/apt-get ]] || unpack_debian "$suite" apt bash-completion,fish,man-db,zsh "$root"
echo "$root"
