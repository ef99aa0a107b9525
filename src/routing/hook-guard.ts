import { ARP_TABLE, TABLE } from './places.ts';

/** Functions of the hook that are about nftables. */
export const GUARD_FUNCTIONS = `all_taps() {
  all='' senders=''
  for path in "$conf"/vm????????; do
    one=\${path##*/}
    is_tap "$one" && address "$one" || continue
    all="$all\${all:+, }\\"$one\\""
    senders="$senders\${senders:+, }\\"$one\\" . $ip"
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
  command exec 9> "$run/lock" && flock -w 5 9 || exit 1
  all_taps
  if [ ! -e "$rules" ] || [ -z "$all" ]; then
    load '' && rm -f "$run/taps"
  else
    new="add element ${TABLE} taps { $all }
add element ${ARP_TABLE} taps { $all }
add element ${ARP_TABLE} senders { $senders }"
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
table ${ARP_TABLE}
delete table ${ARP_TABLE}
$1
END
}`;
