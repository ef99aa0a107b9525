# Sourced, after common.sh.
# shellcheck shell=bash

# unpacked NAME PACKAGE...: the directory in the lab's cache with what Debian's packages hold, downloaded the first
# time. They are unpacked, not installed: on a machine with systemd some would set it up at its next boot.
unpacked() {
  local name=$1
  shift
  mkdir -p "$cache"
  if [[ ! -d $cache/$name ]]; then
    exec 9> "$cache/$name.lock"
    flock 9
    [[ -d $cache/$name ]] || unpack "$name" "$@"
    exec 9>&-
  fi
  echo "$cache/$name"
}

unpack() {
  local name=$1 work package
  shift
  work=$(mktemp -d "$cache/unpack.XXXXXX")
  (
    cd "$work"
    # The user that apt would otherwise become for this cannot write here.
    apt-get --quiet --quiet --option APT::Sandbox::User=root download "$@"
    for package in *.deb; do dpkg-deb --extract "$package" root; done
  ) >&2
  mv "$work/root" "$cache/$name"
  rm -rf "$work"
}
