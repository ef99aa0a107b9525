import { TAPS_PROTOCOL } from './bird.ts';

/** Functions of the setup script that are about BIRD. */
export const BIRD_FUNCTIONS = `
# The line of bird.conf with the password of a session. It may hold nothing that ends a text of BIRD's.
password_line() {
  advice="a line with the password alone, in a file of root's: chown root:root $1; chmod 600 $1"
  [ -e "$1" ] || stop 2 "password_file $1 is not there" "$advice"
  [ -f "$1" ] && [ ! -L "$1" ] && [ "$(stat -c '%u' "$1")" = 0 ] || stop 2 "password_file $1 is not a file of root's" "$advice"
  case $(stat -c '%a' "$1") in
    600 | 400) ;;
    *) stop 2 "password_file $1 can be read or written by others (mode $(stat -c '%a' "$1"))" "$advice" ;;
  esac
  another='agree on another with the router'
  password='' more=''
  { IFS= read -r password || true; IFS= read -r more || true; } < "$1"
  [ -z "$more" ] && [ "$(wc -l < "$1")" -le 1 ] || stop 2 "password_file $1 has more than one line" "$advice"
  case $password in
    '') stop 2 "password_file $1 is empty" "$advice" ;;
    *'"'*)
      stop 2 "the password in $1 has a double quote, which BIRD cannot read" "$another"
      ;;
    *[!\\ -~]*)
      stop 2 "the password in $1 has something else than letters, digits and signs of ASCII" "$another"
      ;;
  esac
  [ \${#password} -le 80 ] || stop 2 "the password in $1 is longer than 80 characters, which TCP MD5 cannot be given" "$another"
  printf '  password "%s";\\n' "$password"
}

look_at_bird() {
  command -v birdc > /dev/null || stop 2 'bgp: is for BIRD, which is not installed' 'install it (Debian: apt install bird2, Fedora: dnf install bird), then run this again'
  if ! words=$(timeout 10 birdc show status 2>&1); then
    printf 'detail: %s\\n' "$(one_line "$words")" >&2
    stop 2 'BIRD does not answer' 'start it (systemctl start bird), then run this again'
  fi
  [ -n "$(ip -o -4 address show to "$address/32")" ] ||
    stop 2 "bgp.address $address is not an address of this host" 'name one that it has: sessions come from it'
  group=$(bird_group)
  look_at_directory
}

# The group of the daemon that birdc talks to: it gives its socket that group. A process proves nothing, as
# anybody may call one bird. 0 where the socket is not found: root's daemon reads everything.
bird_group() {
  socket=$(grep -aoE '/[A-Za-z0-9_./-]*/bird[.]ctl' "$(command -v birdc)" | head -n 1)
  if [ -S "$socket" ]; then stat -c %g "$socket"; else echo 0; fi
}

# BIRD goes through it to plow's part, now or as its bird.conf includes it.
look_at_directory() {
  [ "$group" != 0 ] && [ -d "\${bird_file%/*}" ] || return 0
  case $(stat -c '%a %g' "\${bird_file%/*}") in
    *[1357]' '* | *[1357]?" $group") ;;
    *)
      stop 2 "BIRD cannot enter \${bird_file%/*} (mode $(stat -c %a "\${bird_file%/*}")), where its part is to be" "chmod 755 \${bird_file%/*}"
      ;;
  esac
}

# The old file comes back where BIRD does not take the new one.
put_bird() {
  remember bird
  before=$changes
  cmp -s "$work/bird" "$bird_file" || mark_pending bird
  put bird "$bird_file" 640 "$group"
  if [ "$dry" = yes ]; then
    [ "$before" = "$changes" ] || say 'would have BIRD check it, and read it'
    return 0
  fi
  if ! words=$(timeout 10 birdc configure check 2>&1); then
    printf 'detail: %s\\n' "$(one_line "$words")" >&2
    stop 2 "BIRD does not take its configuration with $bird_file" 'see to the line that it names, then run this again'
  fi
  conf=$(printf '%s\\n' "$words" | bird_conf)
  [ -e "$run/pending-bird" ] || ! has_protocol ${TAPS_PROTOCOL} || return 0
  if has_protocol ${TAPS_PROTOCOL} || includes "$conf"; then
    configured=yes
    timeout 10 birdc configure > /dev/null || stop 4 'BIRD does not read its configuration' 'see what birdc configure says'
    await_protocols || stop 4 "BIRD has read $conf, and has not all of $protocols" 'see what birdc show protocols says'
    say 'had BIRD read its configuration'
    changes=$((changes + 1))
  fi
  rm -f "$run/pending-bird"
}

# It may read on for a moment after it has answered.
await_protocols() {
  end=$(($(date +%s) + 10))
  while [ "$(date +%s)" -lt "$end" ]; do
    missing='' there=$(timeout 5 birdc show protocols 2> /dev/null)
    for protocol in $protocols; do
      printf '%s\\n' "$there" | grep -q "^$protocol " || missing=yes
    done
    [ -n "$missing" ] || return 0
    sleep 0.1
  done
  return 1
}

look_at_protocols() {
  [ "$dry" = no ] || return 0
  ! has_protocol ${TAPS_PROTOCOL} || return 0
  undo=''
  stop 2 "BIRD does not read $bird_file yet, so nothing is announced" \\
    "add the line  include \\"$bird_file\\";  to \${conf:-bird.conf}, then: birdc configure; plow network setup"
}

# Of an earlier network file that had bgp:.
look_at_old_bird() {
  [ "$bgp" = no ] && is_own "$bird_file" || return 0
  say "note: $bird_file is from a time with bgp: and counts as long as bird.conf includes it; plow network remove takes it away"
}`;
