import { OWN_MARK } from './own.ts';
import { RULES_FILE, TABLE } from './places.ts';

/**
 * The hook that libvirt runs at each step of a VM's life. It is the same on every host. `sh` and what every
 * host of libvirt has: awk, coreutils, findutils, iproute2, util-linux; nft where there are rules.
 */
export function hookScript(): string {
  return `#!/bin/sh
${OWN_MARK}
# libvirt runs it: VM OPERATION SUBOPERATION EXTRA, with the domain's document on standard input.
# The tap of a routed interface is called vm and its address in eight hex digits. It is given that address
# here, as its peer; the kernel makes the route of it, and takes both back as the tap goes.
PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
umask 022
vm=\${1-} operation=\${2-} failed=0
run=/run/plow rules=${RULES_FILE} conf=/proc/sys/net/ipv4/conf
mark="$run/arriving/vm-$vm"

fail() {
  echo "plow: $vm: $1" >&2
  failed=1
}

# The taps in the document.
taps() {
  awk '/<interface type=.ethernet.>/ { inside = 1 }
    inside && match($0, /<target dev=.vm[0-9a-f]+./) { print substr($0, RSTART + 13, RLENGTH - 14) }
    /<\\/interface>/ { inside = 0 }'
}

is_tap() {
  case \${1#vm} in
    *[!0-9a-f]*) return 1 ;;
    ????????) return 0 ;;
    *) return 1 ;;
  esac
}

# The address that a tap is called after. Fails for one that no guest can have.
address() {
  n=$((0x\${1#vm}))
  a=$((n >> 24)) b=$((n >> 16 & 255))
  ip=$a.$b.$((n >> 8 & 255)).$((n & 255))
  [ "$a" != 0 ] && [ "$a" != 127 ] && [ "$a" -lt 224 ] && [ "$a.$b" != 169.254 ]
}

# It is an interface of the host: no sources but its own, no redirects, no advertisements of routers.
harden() {
  [ -e "$conf/$1" ] || return 1
  echo 1 > "$conf/$1/rp_filter" && echo 0 > "$conf/$1/accept_redirects" || return 1
  [ ! -e "/proc/sys/net/ipv6/conf/$1" ] || echo 1 > "/proc/sys/net/ipv6/conf/$1/disable_ipv6"
}

give() {
  timeout 5 ip address replace 169.254.0.1 peer "$2/32" dev "$1" scope link
}

# How many frames the guest has sent. Fails where there is no such tap.
frames() {
  while read -r name _ count _; do
    [ "$name" != "$1:" ] || return 0
  done < /proc/net/dev
  return 1
}

# The first frame of a guest that arrives is QEMU's announcement that it runs here now.
later() {
  n=0
  while frames "$1" && [ "$count" = 0 ]; do
    if [ "$n" -lt 36000 ]; then sleep 0.1; else sleep 1; fi
    n=$((n + 1))
  done
  [ ! -e "$conf/$1" ] || give "$1" "$2" || logger -t plow "$vm: $1 has not got its address $2"
}

all_taps() {
  all=
  for path in "$conf"/vm????????; do
    if is_tap "\${path##*/}"; then all="$all\${all:+, }\\"\${path##*/}\\""; fi
  done
}

# nftables has rules for all such taps of this host, and none where there is no tap. To add one takes a third
# of the time that loading all anew takes. @ more, fewer or anew
guard() (
  all_taps
  known=
  [ ! -e "$run/taps" ] || read -r known < "$run/taps"
  if [ "$1" = fewer ] && [ "$all" = "$known" ]; then exit 0; fi
  [ -e "$rules" ] || [ -e "$run/taps" ] || exit 0
  [ -d "$run" ] || mkdir -p "$run" || exit 1
  exec 9> "$run/lock" && flock -w 5 9 || exit 1
  all_taps
  if [ ! -e "$rules" ] || [ -z "$all" ]; then
    load '' && rm -f "$run/taps"
  else
    new="add element ${TABLE} taps { $all }"
    if [ "$1" != more ] || [ -z "$known" ] || ! timeout 5 nft "$new" 2> /dev/null; then
      load "include \\"$rules\\"
$new" || exit 1
    fi
    echo "$all" > "$run/taps"
  fi
)

load() {
  timeout 5 nft -f - << END
table ${TABLE}
delete table ${TABLE}
$1
END
}

route() {
  if ! address "$1"; then
    fail "$1 stands for $ip, which no guest can have"
  elif ! harden "$1"; then
    fail "there is no tap $1, or it cannot be kept from sending what is not its own"
  elif [ "$operation" = start ]; then
    return 0 # before QEMU runs: nobody is to be sent there yet
  elif [ "$arrives" = yes ]; then
    (exec < /dev/null > /dev/null 2>&1 && later "$1" "$ip") & # libvirt waits until all its pipes are closed
  else
    give "$1" "$ip" || fail "$1 has not got its address $ip"
  fi
}

case $operation in
  migrate)
    mkdir -p "$run/arriving" && : > "$mark"
    exit 0
    ;;
  prepare) # a VM that does not run leaves its mark as it arrives
    [ ! -e "$mark" ] || [ -n "$(find "$mark" -mmin -1)" ] || rm -f "$mark"
    exit 0
    ;;
  stopped | release)
    [ ! -e "$mark" ] || rm -f "$mark"
    guard fewer || echo "plow: $vm: nftables has not let go of its tap" >&2
    exit 0
    ;;
  refresh) # plow's own word: the rules have changed
    guard anew
    exit
    ;;
  start | started | reconnect) ;;
  *) exit 0 ;;
esac

arrives=no
if [ "$operation" = started ] && [ -e "$mark" ]; then
  rm -f "$mark"
  arrives=yes
fi
list=$(taps) || fail 'its document cannot be read'
guards=no
for tap in $list; do
  is_tap "$tap" || continue
  [ "$operation" = started ] || guards='more'
  route "$tap"
done
[ "$guards" = no ] || guard "$guards" || fail 'nftables has not taken the rules for its tap'
[ "$operation" = reconnect ] || exit "$failed" # libvirt would end the VM
exit 0
`;
}
