import { NETWORK_FILE } from '../config/network-file/network-file.ts';
import { TAPS_PROTOCOL } from './bird.ts';
import { DRAINED_FILE } from './drained.ts';
import { TABLE } from './places.ts';
import { commonFunctions, wholeScript } from './shell.ts';

/** How a hypervisor is to be made as it was. */
export interface Removal {
  readonly isDryRun: boolean;
  /** Although routed VMs run there. */
  readonly isForced: boolean;
}

/** The script that takes away what the one of setup has made, run by root there. POSIX sh. */
export function removeScript({ isDryRun, isForced }: Removal): string {
  return wholeScript(
    'Takes away what plow network setup has put on a hypervisor. To be run by root, twice as well as once.',
    [commonFunctions(isDryRun), FUNCTIONS],
    `force=${isForced ? 'yes' : 'no'} network_file=${NETWORK_FILE}
begin
look_at_includes
look_at_taps
remember guard
for file in "$hook" "$rules" "$sysctl_file" "$bird_file" "$network_file" ${DRAINED_FILE}; do
  if is_own "$file"; then
    take "$file"
  elif is_there "$file"; then
    say "note: $file stays: plow has not made it"
  fi
done
[ "$changes" != 0 ] || say 'nothing to delete: no file of plow is here'
[ "$dry" = no ] || leave 0
guard_again || stop 4 'nftables keeps the table ${TABLE}' 'see what nft list table ${TABLE} says'
[ "$changes" = 0 ] || [ "$(cat "$forwards")" != 1 ] ||
  say "note: $forwarding stays 1 until the next boot: others may need it"
rmdir /etc/plow /etc/libvirt/hooks/qemu.d 2> /dev/null
cd / && rm -rf "$run"
leave 0`,
  );
}

const FUNCTIONS = `
# A bird.conf that includes a missing file is wrong as a whole.
look_at_includes() {
  is_own "$bird_file" || return 0
  conf=$(timeout 10 birdc configure check 2> /dev/null | bird_conf)
  for file in $conf /etc/bird/bird.conf /etc/bird.conf; do
    ! includes "$file" ||
      stop 2 "$file includes $bird_file, and BIRD takes no bird.conf with a missing part" \\
        "take that line out of it, then: birdc configure; plow network remove"
  done
  ! has_protocol ${TAPS_PROTOCOL} ||
    stop 2 "BIRD still announces what $bird_file says" 'take the include of it out of bird.conf, then: birdc configure; plow network remove'
}

look_at_taps() {
  taps=''
  for path in /proc/sys/net/ipv4/conf/vm????????; do
    case \${path##*/vm} in *[!0-9a-f]*) ;; *) taps="$taps \${path##*/}" ;; esac
  done
  [ -n "$taps" ] || return 0
  [ "$force" = yes ] ||
    stop 4 "routed VMs run here, and would have no address when they are started again:$taps" \\
      'stop them first, or plow network remove --force'
  say "note: routed VMs run on, and will have no address when they are started again:$taps"
}`;
