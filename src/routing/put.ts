import { shellQuote } from '../text/shell-quote.ts';
import { DEFAULT_UPLINKS } from './nft.ts';
import { HASH_LINE } from './own.ts';

/** Functions of the setup script: what it looks at first, and the files that are not BIRD's. */
export const PUT_FUNCTIONS = `
# Where guests go that are isolated: to the devices of the default route, unless the network file names others.
name_uplinks() {
  for name in $uplinks; do
    [ -e "/proc/sys/net/ipv4/conf/$name" ] || stop 2 "uplinks: this host has no interface $name" 'ip link shows them'
  done
  grep -q ${DEFAULT_UPLINKS} "$work/rules" || return 0
  names=$(ip -4 route show default | awk '{
    for (i = 1; i < NF; i++) if ($i == "dev" && !seen[$(i + 1)]++) printf "%s\\"%s\\"", n++ ? ", " : "", $(i + 1)
  }')
  case $names in
    '') stop 2 'isolate: true needs to know where the uplink is, and there is no default route' 'name it in the network file: uplinks: [eth0]' ;;
    *[!A-Za-z0-9_.\\",\\ -]*)
      stop 2 "isolate: true needs the name of the uplink, and this is none for nftables: $names" 'name it in the network file: uplinks: [eth0]'
      ;;
  esac
  sed "s/${DEFAULT_UPLINKS}/$names/" "$work/rules" > "$work/named" && mv "$work/named" "$work/rules"
}

look_at_programs() {
  if ! command -v nft > /dev/null; then
    [ "$isolate" = no ] || stop 2 'isolate: true needs nft, which is not installed' 'install nftables, then run this again'
    say 'note: nft is not installed: rp_filter alone keeps spoofed sources of guests out'
    rm "$work/rules"
  elif ! words=$(timeout 10 nft --check --file "$work/rules" 2>&1); then
    printf 'detail: %s\\n' "$(one_line "$words")" >&2
    [ "$isolate" = no ] || stop 2 'isolate: true needs nftables, and nft does not take the rules' 'see to what it says, then run this again'
    say 'note: nft does not take the rules: rp_filter alone keeps spoofed sources of guests out'
    rm "$work/rules"
  fi
  if [ "$(cat /proc/sys/net/ipv4/conf/all/rp_filter)" = 2 ]; then
    if [ -e "$work/rules" ]; then
      say 'note: net.ipv4.conf.all.rp_filter is 2, which counts for taps too: nftables alone keeps spoofed sources out'
    else
      say 'note: net.ipv4.conf.all.rp_filter is 2, which counts for taps too: nothing keeps spoofed sources of guests out'
    fi
  fi
}

# Of a network file, without what setup has put before it.
words_of() { grep -vxF -e "$mark" "$1" | grep -v ${shellQuote(`^${HASH_LINE}`)}; }

# All that is wrong is said at once.
look_at_files() {
  others=''
  for file in "$hook" "$sysctl_file" "$rules" "$prefixes" "$bird_file"; do
    [ "$file" != "$bird_file" ] || [ "$bgp" = yes ] || continue
    if is_there "$file" && ! is_own "$file"; then others="$others $file"; fi
  done
  [ -z "$others" ] || stop 2 "plow has not made what is there already:$others" 'look at it, and move it away if nothing needs it'
  [ "$has_text" = yes ] || return 0
  is_there "$network_file" || return 0
  ! is_own "$network_file" || ! is_untouched "$network_file" || return 0
  words_of "$network_file" > "$work/theirs"
  words_of "$work/network" | cmp -s - "$work/theirs" ||
    stop 2 "$network_file is there already, and says something else" 'run plow network setup on that host without --file, or move the file away'
}

# $1 document, $2 its place, $3 mode, $4 group
put() {
  if [ -f "$2" ] && cmp -s "$work/$1" "$2" && [ "$(stat -c '%u %g %a' "$2")" = "0 $4 $3" ]; then return 0; fi
  changes=$((changes + 1))
  if [ "$dry" = yes ]; then
    say "would write $2"
    [ "$1" = hook ] || sed 's/^/    /; s/password ".*"/password "(a secret, not shown)"/' "$work/$1"
    return 0
  fi
  directory "\${2%/*}"
  chown "0:$4" "$work/$1" && chmod "$3" "$work/$1" && keep "$2" && place "$work/$1" "$2" ||
    stop 5 "$2 cannot be written" 'see to what is said above, then run this again'
  say "wrote $2"
}

# With those above it.
directory() {
  [ ! -d "$1" ] || return 0
  directory "\${1%/*}"
  mkdir "$1" && chmod 755 "$1" || stop 5 "$1 cannot be made"
  remember directory "$1"
}

put_files() {
  if [ "$has_text" = yes ]; then
    is_there "$network_file" && ! is_own "$network_file" || put network "$network_file" 644 0
  fi
  put sysctl "$sysctl_file" 644 0
  forward
  remember guard
  if [ -e "$work/rules" ]; then
    put rules "$rules" 644 0
  elif is_own "$rules"; then
    take "$rules"
  fi
  put prefixes "$prefixes" 644 0
  [ -e "$hook" ] || mark_pending hook
  put hook "$hook" 755 0
  tell_libvirt
  [ "$dry" = yes ] || guard_again || stop 4 'nftables does not take the rules' 'see to what is said above, then run this again'
}

forward() {
  for file in /etc/sysctl.conf /etc/sysctl.d/*.conf; do
    if [ "$file" != "$sysctl_file" ] && grep -sqE '^[[:space:]]*net[./]ipv4[./]ip_forward[[:space:]]*=[[:space:]]*0' "$file"; then
      say "note: $file sets $forwarding to 0, and may win at the next boot"
    fi
  done
  old=$(cat "$forwards")
  [ "$old" != 1 ] || return 0
  changes=$((changes + 1))
  if [ "$dry" = yes ]; then
    say "would set $forwarding to 1"
    return 0
  fi
  remember forwarding "$old"
  echo 1 > "$forwards" || stop 4 "$forwarding cannot be set to 1" 'a container may not: set it outside'
  say "set $forwarding to 1"
}

# What is still to be done when this is killed before; /run forgets it at a boot, as do those that it is for.
mark_pending() { [ "$dry" = yes ] || true > "$run/pending-$1" || stop 5 "$run cannot be written"; }

# A daemon that found no hook as it started looks again at SIGHUP. Its VMs run on.
tell_libvirt() {
  [ -e "$run/pending-hook" ] || return 0
  for daemon in libvirtd virtqemud; do
    pid=$(cat "/run/$daemon.pid" 2> /dev/null) || continue
    if [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = "$daemon" ] && kill -HUP "$pid"; then say "had $daemon look for its hooks again"; fi
  done
  rm -f "$run/pending-hook"
}`;
