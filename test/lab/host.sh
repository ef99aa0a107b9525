#!/bin/bash
# One machine of the lab, from the inside. lab.sh starts it in namespaces of its own:
#
#   host.sh switch         the cable between the hosts, and 10.77.0.1 on it
#   host.sh wire H SWITCH  the network of host H: SWITCH is the switch's pid
#   host.sh boot H         the rest of host H, as pid 1 of its own process namespace
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"

# Tells lab.sh our pid as the machine sees it: /proc is still the machine's own here. When
# the directory is gone by now, so is the lab, and this ends us.
announce_pid() {
  local pid
  read -r pid _ < /proc/self/stat
  echo "$pid $(start_time "$pid")" > "$state/$1/pid"
}

# What pid 1 does once everything runs; bash buries the orphans by itself.
stay() {
  : > "$state/$1/ready"
  cd /
  while :; do
    sleep infinity &
    wait
  done
}

run_switch() {
  announce_pid switch
  ip link set lo up
  ip link add sw0 type bridge
  ip address add 10.77.0.1/24 dev sw0
  ip link set sw0 up
  stay switch
}

# br0 reaches the switch through up0 as a LAN bridge would; br1 leads nowhere.
wire_host() {
  local host=$1 switch=$2 number=${1#h}
  ip link set lo up
  ip link add up0 type veth peer name "$host" netns "$switch"
  nsenter -t "$switch" -n ip link set "$host" master sw0 up
  ip link add br0 type bridge
  ip link add br1 type bridge
  ip link set up0 master br0 up
  ip address add "10.77.0.$((10 + number))/24" dev br0
  ip address add 10.78.0.1/24 dev br1
  ip link set br0 up
  ip link set br1 up
  exec unshare --mount --uts --ipc --pid --fork --kill-child --propagation slave \
    -- "$0" boot "$host"
}

# A /dev with what libvirt and QEMU need and no kvm: the lab behaves alike on every machine.
mount_dev() {
  local dev=$1 stream number=0
  mount -t tmpfs -o mode=755 dev "$dev"
  cp -a /dev/{null,zero,full,random,urandom,tty} "$dev"
  mkdir "$dev"/{net,pts,shm}
  mknod "$dev/net/tun" c 10 200
  ln -s pts/ptmx "$dev/ptmx"
  ln -s /proc/self/fd "$dev/fd"
  for stream in stdin stdout stderr; do ln -s "/proc/self/fd/$((number++))" "$dev/$stream"; done
  mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$dev/pts"
  mount -t tmpfs -o mode=1777 shm "$dev/shm"
  mount --rbind "$dev" /dev
}

# An /etc that shows the machine's and keeps to itself what is written there.
own_etc() {
  local own=$1
  mount -t tmpfs -o mode=755 etc "$own"
  mkdir "$own"/{files,work}
  mount -t overlay -o "lowerdir=/etc,upperdir=$own/files,workdir=$own/work" etc /etc
}

# Debian 13's /usr in place of the machine's, but for what is below /usr/local, and node. Nothing writes to it.
enter_trixie() {
  local root=$cache/trixie node
  node=$(readlink -f "$(command -v node)")
  mount --bind "$root/usr" "$root/usr"
  mount -o remount,bind,ro "$root/usr"
  mount --bind /usr/local "$root/usr/local"
  case $node in
    /usr/local/*) ;;
    /usr/*) mount --bind "$node" "$root/usr/bin/node" ;;
  esac
  mount --rbind "$root/usr" /usr
  mount --bind "$root/etc/ld.so.cache" /etc/ld.so.cache
  mount --bind "$root/etc/alternatives" /etc/alternatives
}

boot_host() {
  local host=$1 dir=$state/$1 file
  announce_pid "$host"
  mount -t proc proc /proc
  own_etc "$dir/etc-own"
  [[ $trixie == 0 ]] || enter_trixie
  mount -t sysfs sysfs /sys # this network's devices; hides the cgroups, which libvirt does without
  mount_dev "$dir/dev"
  for file in passwd group hosts; do mount --bind "$dir/$file" "/etc/$file"; done
  mount --bind "$dir/run" /run
  mount --bind "$dir/etc" /etc/libvirt
  mount --bind "$dir/lib" /var/lib/libvirt
  mount --bind "$dir/cache" /var/cache/libvirt
  mount --bind "$dir/log" /var/log/libvirt
  hostname "$host"
  cd /
  [[ $modular == 0 ]] || virtlogd --daemon
  for file in "${daemons[@]}"; do "$file" --daemon; done
  virsh --quiet uri > /dev/null # answered once its drivers are ready
  stay "$host"
}

# What ends early tells lab.sh, which waits for it.
readonly machine=${2:-switch}
trap ': > "$state/$machine/failed"' EXIT
case $1 in
  switch) run_switch ;;
  wire) wire_host "$2" "$3" ;;
  boot) boot_host "$2" ;;
esac
