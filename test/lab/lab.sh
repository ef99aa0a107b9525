#!/bin/bash
# lab.sh: throwaway hypervisors on this machine, for tests and for trying plow.
#
#   lab.sh up [N]            start hosts h1..hN (one by default), with 10.77.0.11 ... on br0
#   lab.sh down              end and remove everything; harmless when nothing is up
#   lab.sh hold [N]          up, say "ready", and down as soon as standard input ends
#   lab.sh exec H CMD...     run a command inside host H
#   lab.sh uri H             the libvirt URI of host H, for programs outside it
#   lab.sh kill|stop|start H [D]  SIGKILL, SIGTERM or start its libvirtd, or another daemon
#   lab.sh freeze|thaw H [D]     SIGSTOP or SIGCONT it
#   lab.sh cut|heal H        pull the cable of host H, and put it back
#   lab.sh status            the hosts and what runs in them
#
# LAB_NAME (plow) names a lab, so that several can be up; its files are in /tmp/$LAB_NAME.
# LAB_MODULAR=1 has the daemons of Fedora and RHEL run in place of libvirtd: see modular.sh.
# LAB_TRIXIE=1 has the programs of Debian 13 run in the hosts: see trixie.sh.
#
# A host is a set of namespaces: network (br0 with an uplink, br1 without), mount, pid, uts
# and ipc. Private in it are /run, /dev, libvirt's directories and what is written to /etc;
# all else, so also a checkout, is the machine's own under the same path. No interface or mount
# ever exists outside: when pid 1 of the host ends, all that the host was ends with it.
set -euo pipefail
umask 022
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly here

pid_of() { alive "$state/$1/pid" || die "$1 is not up (lab $LAB_NAME)"; }

hosts() { find "$state" -maxdepth 1 -name 'h[0-9]*' -printf '%f\n' 2> /dev/null | sort -V; }

# --- up --------------------------------------------------------------------------------

# Debian's passwd and group have libvirt-qemu only once libvirt-daemon-system is installed,
# which the lab does without: it would start daemons on the machine.
write_accounts() {
  local dir=$1
  cp /etc/passwd /etc/group "$dir"
  grep -q '^libvirt-qemu:' "$dir/passwd" ||
    echo 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin' >> "$dir/passwd"
  grep -q '^libvirt-qemu:' "$dir/group" ||
    echo 'libvirt-qemu:x:64055:libvirt-qemu' >> "$dir/group"
}

# libvirtd as Debian runs it, but for what a container lacks: polkit, virtlogd, cgroups.
write_config() {
  local etc=$1 number=$2 daemon handler=file
  for daemon in "${daemons[@]}"; do
    cat > "$etc/$daemon.conf" <<CONF
host_uuid = "77777777-0000-4000-8000-$(printf %012d "$number")"
unix_sock_group = "root"
unix_sock_rw_perms = "0770"
auth_unix_ro = "none"
auth_unix_rw = "none"
log_outputs = "3:file:/var/log/libvirt/$daemon.log"
CONF
  done
  [[ $modular == 0 ]] || handler=logd
  cat > "$etc/qemu.conf" <<CONF
user = "libvirt-qemu"
group = "libvirt-qemu"
dynamic_ownership = 1
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "$handler"
CONF
}

prepare_host() {
  local host=$1 dir=$state/$1
  mkdir -p "$dir"/{dev,run/lock,etc,etc-own,lib,cache/qemu,log}
  mkdir -m 711 "$dir/lib/images"
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$host" > "$dir/hosts"
  write_accounts "$dir"
  write_config "$dir/etc" "${host#h}"
  if [[ -d $cache/$known ]]; then cp -a "$cache/$known" "$dir/cache/qemu/capabilities"; fi
  cp "$cache"/tiny.{raw,qcow2} "$dir/lib/images/"
}

spawn() {
  local machine=$1
  shift
  setsid -f unshare "$@" < /dev/null > "$state/$machine/boot.log" 2>&1
}

wait_ready() {
  local machine=$1 deadline=$((SECONDS + 30))
  until [[ -e $state/$machine/ready ]]; do
    if [[ -e $state/$machine/failed ]] || ((SECONDS > deadline)); then
      die "$machine did not come up: $(< "$state/$machine/boot.log")"
    fi
    sleep 0.01
  done
}

start_machines() {
  local count=$1 number switch
  mkdir "$state/switch"
  spawn switch --net --pid --fork --kill-child -- "$here/host.sh" switch
  wait_ready switch
  switch=$(pid_of switch)
  for ((number = 1; number <= count; number++)); do
    prepare_host "h$number"
    spawn "h$number" --net -- "$here/host.sh" wire "h$number" "$switch"
  done
  for ((number = 1; number <= count; number++)); do wait_ready "h$number"; done
}

# Leaves a trap behind that takes the lab down again, whatever ends this script.
raise() {
  local count=${1:-1}
  require_root
  # The mount points that libvirt-daemon-system would bring, and one that a container may lack.
  mkdir -p /etc/libvirt /var/{lib,cache,log}/libvirt
  [[ -e /etc/hosts ]] || : > /etc/hosts
  "$here/tiny-image.sh"
  mkdir "$state" 2> /dev/null || die "$state exists: is the lab up? (lab.sh down)"
  trap cmd_down EXIT
  start_machines "$count"
}

cmd_up() {
  raise "$@"
  trap - EXIT
}

cmd_hold() {
  raise "$@"
  echo ready
  cat > /dev/null
}

# --- down ------------------------------------------------------------------------------

# Probing QEMU takes libvirt half a second per host; it checks itself whether what it
# finds in its cache is still true.
keep_capabilities() {
  local file
  mkdir -p "$cache/$known"
  for file in "$state"/h*/cache/qemu/capabilities/*.xml; do
    [[ -e $file ]] || continue
    cmp -s "$file" "$cache/$known/${file##*/}" && continue
    cp -p "$file" "$cache/$known.$$"
    mv "$cache/$known.$$" "$cache/$known/${file##*/}"
  done
}

cmd_down() {
  local file pid
  [[ ! -e $state || -d $state/switch ]] || die "$state is not a lab"
  keep_capabilities
  for file in "$state"/*/pid; do
    if pid=$(alive "$file"); then kill -KILL "$pid"; fi
  done
  for file in "$state"/*/pid; do
    while alive "$file" > /dev/null; do sleep 0.01; done
  done
  rm -rf --one-file-system "$state"
}

# --- what is done with a host ------------------------------------------------------------

cmd_exec() {
  local pid
  pid=$(pid_of "$1")
  exec nsenter -t "$pid" -m -u -i -n -p --root --wd="$PWD" -- "${@:2}"
}

cmd_uri() { echo "qemu+unix:///system?socket=$state/$1/run/libvirt/$main_socket"; }

signal_libvirtd() {
  # The pid in the file counts inside the host.
  cmd_exec "$1" kill "-$2" "$(< "$state/$1/run/${3:-$main_daemon}.pid")"
}

cmd_cut() { nsenter -t "$(pid_of switch)" -n ip link set "$1" nomaster; }

cmd_heal() { nsenter -t "$(pid_of switch)" -n ip link set "$1" master sw0; }

cmd_status() {
  local host pid
  for host in $(hosts); do
    pid=$(alive "$state/$host/pid") || {
      echo "$host: down"
      continue
    }
    echo "$host: 10.77.0.$((10 + ${host#h})), pid 1 is $pid"
    nsenter -t "$pid" -m -p --root -- ps -e -o pid=,rss=,args= --cols 100
  done
}

main() {
  local command=${1:-}
  [[ $command ]] && shift
  case $command in
    up | down | hold | exec | uri | cut | heal | status) "cmd_$command" "$@" ;;
    kill) signal_libvirtd "$1" KILL "${@:2}" ;;
    stop) signal_libvirtd "$1" TERM "${@:2}" ;;
    freeze) signal_libvirtd "$1" STOP "${@:2}" ;;
    thaw) signal_libvirtd "$1" CONT "${@:2}" ;;
    start) cd / && cmd_exec "$1" "${2:-$main_daemon}" --daemon ;;
    *) sed -n '2,/^# LAB_NAME/s/^# \?//p' "$here/lab.sh" && exit 2 ;;
  esac
}

main "$@"
