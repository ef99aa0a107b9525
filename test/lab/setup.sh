#!/bin/bash
# setup.sh [PACKAGE...]: installs what this machine lacks of packages.txt and of PACKAGE...;
# instant when that is nothing.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"

readonly oldest_node=20.18

check_node() {
  local version
  version=$(node --version 2> /dev/null) ||
    die "needs Node.js $oldest_node or later, and there is no node on the PATH"
  version=${version#v}
  [[ $(printf '%s\n' "$oldest_node" "$version" | sort -V | head -n 1) == "$oldest_node" ]] ||
    die "needs Node.js $oldest_node or later, this is $version"
}

wanted() {
  grep -v '^#' "${BASH_SOURCE[0]%/*}/packages.txt" | grep .
  printf '%s\n' "$@" | grep . || true
}

installed() { dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p'; }

main() {
  local missing
  check_node
  mapfile -t missing < <(comm -23 <(wanted "$@" | sort -u) <(installed | sort -u))
  ((${#missing[@]})) || return 0
  require_root
  # The packages with a service: in the lab a daemon runs per host, and none on the machine.
  if [[ -d /run/systemd/system ]]; then
    if [[ " ${missing[*]} " == *' bird2 '* ]]; then systemctl --quiet mask bird.service; fi
    if [[ " ${missing[*]} " == *' prometheus '* ]]; then systemctl --quiet mask prometheus.service; fi
  fi
  echo "installing ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update --quiet --quiet
  # Quiet about what goes well; standard output is for the caller's.
  apt-get install --quiet --quiet --yes --no-install-recommends "${missing[@]}" >&2
}

main "$@"
