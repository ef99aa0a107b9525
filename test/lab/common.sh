# Sourced by the lab's scripts.
# shellcheck shell=bash disable=SC2034 # what is set here is used there

# Where what is slow to make is kept between runs: outside the repository, and
# readable by the unprivileged user that QEMU runs as (a home directory is not).
readonly cache=${PLOW_LAB_CACHE:-/var/tmp/plow-lab}

# The files of one lab. The path is short because that of a unix socket may have 107 bytes.
export LAB_NAME=${LAB_NAME:-plow}
readonly state=/tmp/$LAB_NAME

# 1: the daemons of Fedora and RHEL, which modular.sh builds, in place of libvirtd.
readonly modular=${LAB_MODULAR:-0}
readonly modular_daemons=(virtqemud virtstoraged virtinterfaced virtnodedevd virtnetworkd virtproxyd virtsecretd virtnwfilterd)
if [[ $modular == 1 ]]; then
  export PATH=$cache/modular:$PATH
  readonly daemons=("${modular_daemons[@]}") main_daemon=virtqemud main_socket=virtqemud-sock
else
  readonly daemons=(libvirtd) main_daemon=libvirtd main_socket=libvirt-sock
fi

# 1: the programs of Debian 13, which trixie.sh unpacks, run in the hosts.
readonly trixie=${LAB_TRIXIE:-0}
# What libvirt found out about QEMU; it is not the same one.
readonly known=$([[ $trixie == 1 ]] && echo capabilities-trixie || echo capabilities)

die() {
  echo "${0##*/}: $*" >&2
  exit 1
}

require_root() { [[ $EUID == 0 ]] || die 'needs root'; }

# When a process began, in ticks since boot. proc(5): field 22 of stat, counted here from the
# ")" that ends the name in field 2. Fails for one that has ended, reaped or not.
start_time() {
  local stat fields
  { stat=$(< "/proc/$1/stat"); } 2> /dev/null || return 1
  read -ra fields <<< "${stat##*) }"
  [[ ${fields[0]} != Z ]] || return 1
  echo "${fields[19]}"
}

# A pid file holds "pid start-time". Prints the pid if that very process still runs: its
# number may have gone to another since.
alive() {
  local pid begun
  { read -r pid begun < "$1"; } 2> /dev/null || return 1
  [[ $(start_time "$pid") == "$begun" ]] && echo "$pid"
}

# Lines of sources.list for another release of Debian: the mirrors of this machine's own.
mirrors() {
  local url codename own
  own=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # shellcheck disable=SC2016 # apt fills them in
  apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Identifier: Packages' 'Origin: Debian' 'Component: main' |
    sort -u | while read -r url codename; do
    [[ $codename != "$own" ]] || echo "deb $url $1 main"
  done
}

# unpack_debian SUITE VARIANT PACKAGES DIRECTORY: with these packages, separated by commas; there whole or not.
unpack_debian() {
  local work sources
  "${BASH_SOURCE[0]%/*}/setup.sh" mmdebstrap > /dev/null
  mapfile -t sources < <(mirrors "$1")
  ((${#sources[@]})) || die 'apt knows no mirror of Debian'
  mkdir -p "$cache"
  work=$(mktemp -d "$4.XXXXXX")
  # shellcheck disable=SC2064 # as it is now
  trap "rm -rf --one-file-system '$work'" EXIT
  nice -n 19 mmdebstrap --quiet --variant="$2" --aptopt='APT::Sandbox::User "root"' \
    --include="$3" "$1" "$work/root" "${sources[@]}" >&2
  chmod 755 "$work/root"
  mv "$work/root" "$4"
}
