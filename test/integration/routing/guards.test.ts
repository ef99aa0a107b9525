import { describe, expect, it } from 'vitest';
import { domainOf, inOwnNetwork, nic } from './own-network.ts';

/**
 * Two guests, a and b, and a machine on the uplink, each a network of its own. `reach FROM SOURCE TO` says
 * whether a datagram gets an answer; b, the uplink and the host answer at port 7. `echo FROM
 * TO` says whether a ping does.
 */
const NEIGHBOURHOOD = `
mkdir -p /run/netns
for one in a b uplink box; do ip netns add $one; ip -n $one link set lo up; done
guest() {
  ip link add "$2" type veth peer name eth0 netns "$1"
  ip link set "$2" up
  ip -n "$1" link set eth0 up
  ip -n "$1" address add "$3/32" dev eth0
  ip -n "$1" route add default via 169.254.0.1 dev eth0 onlink
}
guest a vm0a370001 10.55.0.1
guest b vm0a370002 10.55.0.2
ip link add up0 type veth peer name eth0 netns uplink
ip link set up0 up
ip address add 10.77.0.11/24 dev up0
ip -n uplink link set eth0 up
ip -n uplink address add 10.77.0.1/24 dev eth0
ip -n uplink route add default via 10.77.0.11
ip route add default via 10.77.0.1
ip link add box0 type veth peer name eth0 netns box
ip link set box0 up
ip address add 172.17.0.1/24 dev box0
ip -n box link set eth0 up
ip -n box address add 172.17.0.2/24 dev eth0
ip -n box route add default via 172.17.0.1
nft add table ip ports
nft add chain ip ports to_box '{ type nat hook prerouting priority dstnat; }'
nft add rule ip ports to_box ip daddr 10.77.0.11 udp dport 8 dnat to 172.17.0.2:7
echo 1 > /proc/sys/net/ipv4/ip_forward
cat > /run/answer.py << 'END'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 7))
while True:
    data, sender = s.recvfrom(100)
    s.sendto(data, sender)
END
cat > /run/reach.py << 'END'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 0))
s.settimeout(0.5)
s.connect((sys.argv[2], int(sys.argv[3])))
try:
    s.send(b'x')
    print('yes' if s.recv(9) else 'no')
except OSError:
    print('no')
END
cat > /run/echo.py << 'END'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
s.settimeout(0.5)
s.sendto(b'\\x08\\0\\xf7\\xfe\\0\\x01\\0\\0', (sys.argv[1], 0))
try:
    print('yes' if any(s.recv(99)[20] == 0 for _ in range(3)) else 'no')
except OSError:
    print('no')
END
ip netns exec b python3 /run/answer.py 10.55.0.2 & pids="$pids $!"
ip netns exec uplink python3 /run/answer.py 10.77.0.1 & pids="$pids $!"
ip netns exec box python3 /run/answer.py 172.17.0.2 & pids="$pids $!"
python3 /run/answer.py 10.77.0.11 & pids="$pids $!"
trap 'kill $pids' EXIT
sleep 0.5
reach() { ip netns exec "$1" python3 /run/reach.py "$2" "$3" "\${4-7}"; }
echo_of() { ip netns exec "$1" python3 /run/echo.py "$2"; }
start() {
  for tap in vm0a370001 vm0a370002; do
    printf '%s' "$document" | sed "s/vm0a371616/$tap/" > /run/document
    "$plow" $tap start begin - < /run/document
    "$plow" $tap started begin - < /run/document
  done
}
`;

const seen = (script: string): Promise<readonly string[]> =>
  inOwnNetwork(`pids=\n${NEIGHBOURHOOD}\n${script}`, domainOf(nic('vm0a371616')));

/**
 * What a guest reaches: the uplink, the other guest, the host's port, a box behind the host, the same by a port of
 * the host's, the host by ping; and whether host, box and uplink reach a guest.
 */
const ALL = `reach a 10.55.0.1 10.77.0.1; reach a 10.55.0.1 10.55.0.2; reach a 10.55.0.1 10.77.0.11
  reach a 10.55.0.1 172.17.0.2; reach a 10.55.0.1 10.77.0.11 8
  echo_of a 10.77.0.11; python3 /run/reach.py 169.254.0.1 10.55.0.2 7
  reach box 172.17.0.2 10.55.0.2; reach uplink 10.77.0.1 10.55.0.2`;

/**
 * Whether a datagram of a's with this source gets to the uplink. No answer tells of one with another's: the
 * machine there counts what arrives.
 */
const arrives = (source: string): string => `
  arrived() { ip netns exec uplink awk '/^Udp: [0-9]/ { print $2 }' /proc/net/snmp; }
  before=$(arrived)
  reach a ${source} 10.77.0.1 > /dev/null
  if [ "$before" = "$(arrived)" ]; then echo no; else echo yes; fi`;

describe('guests of routed interfaces', () => {
  it('reach the uplink, each other and the host', async () => {
    expect(await seen(`cp "$folder/taps.nft" /etc/plow; start; ${ALL}`)).toStrictEqual(
      Array.from({ length: 9 }, () => 'yes'),
    );
  });

  it('reach the uplink only where they are isolated, and ping the host', async () => {
    expect(await seen(`cp "$folder/isolated.nft" /etc/plow/taps.nft; start; ${ALL}`)).toStrictEqual(
      'yes no no no no yes yes yes yes'.split(' '),
    );
  });

  it.each([
    ['both guards', 'cp "$folder/taps.nft" /etc/plow; start', 'no'],
    ['rp_filter alone', 'start', 'no'],
    [
      'nftables alone',
      'cp "$folder/taps.nft" /etc/plow; start; echo 2 > /proc/sys/net/ipv4/conf/all/rp_filter',
      'no',
    ],
    ['neither', 'start; echo 2 > /proc/sys/net/ipv4/conf/all/rp_filter', 'yes'],
  ])('send from no address but their own, by %s', async (_, guards, gets) => {
    const printed = await seen(
      `echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter; ${guards}
       for address in 8.8.8.8 10.55.0.2; do ip -n a address add $address/32 dev lo; done
       ${['10.55.0.1', '8.8.8.8', '10.55.0.2'].map(arrives).join('\n')}`,
    );
    expect(printed).toStrictEqual(['yes', gets, gets]);
  });

  it.each([
    ['nftables', 'cp "$folder/taps.nft" /etc/plow; start', '0'],
    ['nothing', 'start', '50'],
  ])('fill the table of neighbours of a host with rp_filter 2 with nothing: %s', async (_, guards, count) => {
    const asks = `import socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('eth0', 0x0806))
mac = s.getsockname()[4]
for n in range(50):
    s.send(b'\\xff' * 6 + mac + b'\\x08\\x06\\0\\1\\x08\\0\\6\\4\\0\\1' + mac + bytes([10, 77, 7, n + 1]) + b'\\0' * 6 + bytes([169, 254, 0, 1]))`;
    const printed = await seen(
      `echo 2 > /proc/sys/net/ipv4/conf/all/rp_filter; ${guards}; reach a 10.55.0.1 10.77.0.1
       printf '%s' "${asks}" > /run/asks.py; ip netns exec a python3 /run/asks.py; sleep 0.3
       ip -4 neighbour show dev vm0a370001 | grep -c '^10.77.7' || true`,
    );
    expect(printed).toStrictEqual(['yes', count]);
  });
});
