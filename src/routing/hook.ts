import { OWN_MARK } from './own.ts';
import { GUARD_FUNCTIONS } from './hook-guard.ts';
import { PREFIXES_FILE, RULES_FILE } from './places.ts';

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
umask 077
vm=\${1-} operation=\${2-} failed=0
run=/run/plow rules=${RULES_FILE} prefixes=${PREFIXES_FILE} conf=/proc/sys/net/ipv4/conf
mark="$run/arriving/vm-$vm"

fail() {
  echo "plow: $vm: $1" >&2
  failed=1
}

# The taps in the document.
taps() {
  awk '/<interface type=.ethernet.[ >]/ { inside = 1 }
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

# Whether setup has said that a guest may have it. It was not asked where there is no such file.
is_allowed() {
  [ -e "$prefixes" ] || return 0
  while read -r first last _; do
    if [ "$first" != '#' ] && [ "$n" -ge "$first" ] && [ "$n" -le "$last" ]; then return 0; fi
  done < "$prefixes"
  return 1
}

# Whether the host itself has it, or sends there what is for others: a guest would take that.
is_of_host() {
  [ -z "$(timeout 5 ip -4 -o address show to "$ip/32")" ] || return 0
  case "$(timeout 5 ip -4 route show default) " in *" via $ip "*) return 0 ;; esac
  return 1
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

${GUARD_FUNCTIONS}
route() {
  if ! address "$1"; then
    fail "$1 stands for $ip, which no guest can have"
  elif ! is_allowed; then
    fail "$1 stands for $ip, which lies outside the prefixes of this host ($prefixes)"
  elif [ "$operation" = start ] && is_of_host; then
    fail "$1 stands for $ip, which the host itself has, or its gateway"
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
    mkdir -p "$run/arriving" && true > "$mark"
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
