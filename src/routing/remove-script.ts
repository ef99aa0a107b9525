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
take_bird
for file in "$hook" "$rules" "$prefixes" "$sysctl_file" "$network_file"; do
  if is_own "$file" && [ "$file" = "$network_file" ] && ! is_untouched "$file"; then
    say "note: $file stays: it is not as plow has written it"
  elif is_own "$file"; then
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
# A bird.conf that includes a missing file is wrong as a whole. Only BIRD knows all that it includes.
look_at_includes() {
  answers=no
  is_own "$bird_file" || return 0
  if ! command -v birdc > /dev/null; then
    answers=absent
  elif words=$(timeout 10 birdc configure check 2> /dev/null); then
    answers=yes
    conf=$(printf '%s\\n' "$words" | bird_conf)
  fi
  for file in $conf /etc/bird/bird.conf /etc/bird.conf; do
    ! includes "$file" ||
      stop 2 "$file includes $bird_file, and BIRD takes no bird.conf with a missing part" \\
        "take that line out of it, then: birdc configure; plow network remove"
  done
  ! has_protocol ${TAPS_PROTOCOL} ||
    stop 2 "BIRD still announces what $bird_file says" 'take the include of it out of bird.conf, then: birdc configure; plow network remove'
  [ "$answers" != no ] || [ "$force" = yes ] ||
    stop 2 "BIRD does not answer, or its configuration is wrong: it may include $bird_file, and then would not start" \\
      'start it, and see what birdc configure check says; or plow network remove --force, which leaves an empty file in its place'
}

# Taken for good once BIRD still has a sound configuration without it.
take_bird() {
  for file in "$bird_file" ${DRAINED_FILE}; do
    if is_own "$file"; then
      if [ "$answers" = no ] && [ "$file" = "$bird_file" ]; then empty_bird; else take "$file"; fi
    elif is_there "$file"; then
      say "note: $file stays: plow has not made it"
    fi
  done
  [ "$dry" = no ] || return 0
  rm -f ${DRAINED_FILE}.new
  [ "$answers" = yes ] || return 0
  words=$(timeout 10 birdc configure check 2>&1) && return 0
  printf 'detail: %s\\n' "$(one_line "$words")" >&2
  stop 2 "BIRD's configuration needs $bird_file" 'take its include out of it, then: birdc configure; plow network remove'
}

empty_bird() {
  [ "$(cat "$bird_file")" != "$mark" ] || return 0
  changes=$((changes + 1))
  if [ "$dry" = yes ]; then
    say "would empty $bird_file"
    return 0
  fi
  printf '%s\\n' "$mark" > "$work/bird" && chmod 644 "$work/bird" && keep "$bird_file" && place "$work/bird" "$bird_file" ||
    stop 5 "$bird_file cannot be written"
  say "emptied $bird_file: BIRD does not answer, and may include it; delete it once bird.conf does not"
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
  ! is_own "$rules" || say 'note: the rules of nftables for their guests go: rp_filter alone keeps foreign sources out, and nothing isolates them'
}`;
