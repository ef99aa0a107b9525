import { shellQuote } from '../text/shell-quote.ts';
import { HASH_LINE, OWN_MARK } from './own.ts';
import {
  ARP_TABLE,
  BIRD_FILE,
  HOOK_FILE,
  PREFIXES_FILE,
  RULES_FILE,
  RUN_DIRECTORY,
  SYSCTL_FILE,
  TABLE,
} from './places.ts';
import { FORWARDING } from './sysctl.ts';

/** A here-document of a text, in which nothing is the shell's. */
export function hereDocument(command: string, text: string): string {
  const lines = text.split('\n');
  let end = 'END_OF_PLOW';
  while (lines.includes(end)) end += '_';
  return `${command} << '${end}'\n${text.endsWith('\n') ? text : `${text}\n`}${end}`;
}

/**
 * A script that does nothing unless all of it has come through the pipe.
 * @param body of its main function, which ends with an exit code in all cases
 */
export function wholeScript(about: string, functions: readonly string[], body: string): string {
  return `#!/bin/sh
# ${about}
${functions.join('\n')}
main() {
${body}
}
main
`;
}

/** What setup and removal both use: words, places, taking back, asking BIRD. */
export function commonFunctions(isDryRun: boolean): string {
  return `PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
umask 022
mark=${shellQuote(OWN_MARK)}
hook=${HOOK_FILE} sysctl_file=${SYSCTL_FILE} rules=${RULES_FILE} prefixes=${PREFIXES_FILE} bird_file=${BIRD_FILE}
forwarding=${FORWARDING} forwards=/proc/sys/net/ipv4/ip_forward
run=${RUN_DIRECTORY} work='' dry=${isDryRun ? 'yes' : 'no'}
undo='' changes=0 configured=no

say() { printf '%s\\n' "$*"; }

# Takes back what was done, and ends. $1 exit code, $2 what is wrong, $3 what to do
stop() {
  trap '' HUP INT TERM
  printf 'error: %s\\n' "$2" >&2
  [ -z "\${3-}" ] || printf 'hint: %s\\n' "$3" >&2
  take_back
  leave "$1"
}

leave() {
  trap - EXIT HUP INT TERM
  [ -z "$work" ] || rm -rf "$work"
  [ "$dry" = yes ] || rmdir "$run" 2> /dev/null
  exit "$1"
}

look_at_tools() {
  for program in "$@"; do
    command -v "$program" > /dev/null || stop 2 "this needs $program, which is not installed" 'install it, then run this again'
  done
}

# One at a time, and only it has the work directory; what a killed one has left there goes. Users must not open
# the lock: whoever has it open can hold it. What changes nothing needs none, and leaves nothing.
begin() {
  [ "$(id -u)" = 0 ] || stop 1 'this writes below /etc and needs root' "run it as root, with sudo for instance"
  [ -d /etc/libvirt ] || stop 2 'this machine has no libvirt (no /etc/libvirt)' \\
    'on another hypervisor: plow network setup --script | ssh root@HOST sh'
  look_at_tools awk cmp find flock ip mktemp sha256sum stat timeout
  if [ "$dry" = no ]; then
    mkdir -p "$run" && chmod 700 "$run" && command exec 8> "$run/setup.lock" || stop 5 "$run cannot be written"
    timeout 30 flock 8 || stop 4 'another plow network is at work on this host, for 30 s already'
  fi
  trap 'stop 129 "interrupted"' HUP
  trap 'stop 130 "interrupted"' INT
  trap 'stop 143 "interrupted"' TERM
  # What a killed run has left.
  for file in "$hook" "$sysctl_file" "$rules"; do # they are in three directories
    [ "$dry" = yes ] || rm -f "$(beside "$file")"
  done
  if [ "$dry" = yes ]; then
    work=$(mktemp -d /run/plow-dry-run.XXXXXX) || stop 5 'no directory can be made in /run'
  else
    work=$run/work
    rm -rf "$work" && (umask 077 && mkdir "$work") || stop 5 "$work cannot be made"
  fi
}

# Whether a file is there, and whether plow has made it.
is_there() { [ -e "$1" ] || [ -L "$1" ]; }
is_own() { [ -f "$1" ] && [ ! -L "$1" ] && head -n 2 "$1" | grep -qxF -e "$mark"; }

# Whether a copy of the network file is as setup has written it, and nobody has edited it since.
is_untouched() {
  sum=$(tail -n +3 "$1" | sha256sum) && [ "$(sed -n 2p "$1")" = ${shellQuote(HASH_LINE)}"\${sum%% *}" ]
}

# libvirt runs whatever is in the directory of its hooks: a new file comes from beside it.
beside() {
  case $1 in
    "$hook") echo /etc/libvirt/hooks/.plow-new ;;
    *) echo "\${1%/*}/.plow-new" ;;
  esac
}

# $1 file, $2 its place: there is the old one or the new one, and nothing between
place() {
  new=$(beside "$2")
  cp -p "$1" "$new" && mv -f "$new" "$2" || return 1
  ! command -v restorecon > /dev/null || restorecon "$2" || true
}

remember() {
  undo="$*
$undo"
}

# Keeps a file, or that there is none, for the case that a later step fails.
keep() {
  if [ -e "$1" ]; then
    kept="$work/\${1##*/}.kept"
    cp -p "$1" "$kept" || return 1
    remember old "$1" "$kept"
  else
    remember new "$1"
  fi
}

take_back() {
  [ -n "$undo" ] || return 0
  left='' did=no
  while read -r what where kept; do
    case $what in guard | bird) ;; *) did=yes ;; esac
    case $what in
      new) rm -f "$where" ;;
      old) place "$kept" "$where" ;;
      directory) rmdir "$where" 2> /dev/null || true ;;
      forwarding) echo "$where" > $forwards ;;
      bird) [ "$configured" = no ] || timeout 10 birdc configure > /dev/null ;;
      guard) guard_again ;;
    esac || left="$left $what $where"
  done << END_OF_UNDO
$(printf '%s' "$undo")
END_OF_UNDO
  undo=''
  if [ -n "$left" ]; then
    printf 'error: not taken back:%s\\n' "$left" >&2
  elif [ "$did" = yes ]; then
    say 'what was done is taken back' >&2
  fi
}

# The rules of nftables, as the files of now have them.
guard_again() {
  if [ -x "$hook" ] && is_own "$hook"; then
    "$hook" - refresh < /dev/null
  elif command -v nft > /dev/null; then
    for table in '${TABLE}' '${ARP_TABLE}'; do
      # shellcheck disable=SC2086
      ! nft list table $table > /dev/null 2>&1 || timeout 10 nft delete table $table || return 1
    done
  fi
}

# What is no longer wanted.
take() {
  changes=$((changes + 1))
  if [ "$dry" = yes ]; then
    say "would delete $1"
    return 0
  fi
  keep "$1" && rm -f "$1" || stop 5 "$1 cannot be deleted"
  say "deleted $1"
}

# Foreign words, fit for a line of ours.
one_line() { printf '%s' "$1" | tr -s '[:cntrl:]' ' '; }

# Whether a bird.conf has plow's file in it, and which one birdc says that it reads.
includes() { grep -sqE '^[[:space:]]*include[[:space:]]*"/etc/plow/' "$1"; }
bird_conf() { sed -n 's/^Reading configuration from //p' | head -n 1; }

# Whether BIRD has a protocol of this name now.
has_protocol() { timeout 10 birdc show protocols "$1" 2> /dev/null | grep -q "^$1 "; }`;
}
