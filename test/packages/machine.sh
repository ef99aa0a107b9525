#!/bin/bash
# machine.sh SUITE: unpacks a Debian of a user, without Node, and prints the directory that it is in. Made once.
set -euo pipefail
umask 022
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/../lab/common.sh"

readonly suite=$1 root=$cache/user-$1

build() {
  local work sources
  "${BASH_SOURCE[0]%/*}/../lab/setup.sh" mmdebstrap > /dev/null
  mapfile -t sources < <(mirrors "$suite")
  ((${#sources[@]})) || die 'apt knows no mirror of Debian'
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/user.XXXXXX")
  # shellcheck disable=SC2064 # as it is now
  trap "rm -rf --one-file-system '$work'" EXIT
  nice -n 19 mmdebstrap --quiet --variant=apt --aptopt='APT::Sandbox::User "root"' \
    --include=bash-completion,fish,man-db,zsh "$suite" "$work/root" "${sources[@]}" >&2
  chmod 755 "$work/root"
  mv "$work/root" "$root"
}

require_root
[[ -x $root/usr/bin/apt-get ]] || build
echo "$root"
