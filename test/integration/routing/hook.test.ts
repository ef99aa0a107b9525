import { describe, expect, it } from 'vitest';
import { domainOf, inOwnNetwork, nic } from './own-network.ts';

const TAP = 'vm0a371616';
const ROUTED = domainOf(nic(TAP));
const GIVEN = '169.254.0.1 peer 10.55.22.22/32';

describe('the hook', () => {
  it('hardens the tap before QEMU runs, and gives it its address once the guest runs', async () => {
    const state = `address ${TAP}
      cat /proc/sys/net/ipv4/conf/${TAP}/rp_filter /proc/sys/net/ipv6/conf/${TAP}/disable_ipv6`;
    const printed = await inOwnNetwork(
      `tap ${TAP}; hook prepare begin -; hook start begin -; ${state}; hook started begin -; address ${TAP}
       ip route show 10.55.22.22; ip link del ${TAP}; hook stopped end -; hook release end -; ip route`,
      ROUTED,
    );
    expect(printed).toStrictEqual([
      'prepare: 0',
      'start: 0',
      '1',
      '1',
      'started: 0',
      GIVEN,
      `10.55.22.22 dev ${TAP} proto kernel scope link src 169.254.0.1 linkdown `,
      'stopped: 0',
      'release: 0',
    ]);
  });

  it('gives back what was flushed at reconnect', async () => {
    const printed = await inOwnNetwork(
      `tap ${TAP}; hook started begin -; ip address flush dev ${TAP}; hook reconnect begin -; address ${TAP}
       hook reconnect begin -; address ${TAP}`,
      ROUTED,
    );
    expect(printed).toStrictEqual(['started: 0', 'reconnect: 0', GIVEN, 'reconnect: 0', GIVEN]);
  });

  it('gives each of several taps its address', async () => {
    const printed = await inOwnNetwork(
      'tap vm0a371616; tap vmc0000207; hook started begin -; address vm0a371616; address vmc0000207',
      domainOf(nic('vm0a371616'), nic('vnet0', 'bridge'), nic('vmc0000207')),
    );
    expect(printed).toStrictEqual(['started: 0', GIVEN, '169.254.0.1 peer 192.0.2.7/32']);
  });

  it.each([
    ['a bridge', nic(TAP, 'bridge')],
    ['seven digits', nic('vm0a37161')],
    ['nine digits', nic('vm0a3716161')],
    ['other letters', nic('vm0a37161g')],
    ['no tap', "    <interface type='ethernet'>\n    </interface>"],
    ['no interface', ''],
  ])('leaves a VM alone that has %s', async (_, interfaces) => {
    const printed = await inOwnNetwork(
      `tap ${TAP}; tap vm0a37161; tap vm0a3716161; tap vm0a37161g
       hook start begin -; hook started begin -; hook reconnect begin -; ip -4 address show scope link`,
      domainOf(interfaces),
    );
    expect(printed).toStrictEqual(['start: 0', 'started: 0', 'reconnect: 0']);
  });

  it.each(['migrate', 'restore', 'prepare', 'stopped', 'release', 'shutdown', ''])(
    'prints nothing at %j, whose output may become the document',
    async (operation) => {
      const printed = await inOwnNetwork(
        `printf '%s' "$document" | "$plow" web ${operation} begin -`,
        ROUTED,
      );
      expect(printed).toStrictEqual([]);
    },
  );

  it.each([
    [TAP, 'there is no tap vm0a371616, or it cannot be kept from sending what is not its own'],
    ['vm7f000001', 'vm7f000001 stands for 127.0.0.1, which no guest can have'],
    ['vma9fe0001', 'vma9fe0001 stands for 169.254.0.1, which no guest can have'],
    ['vme0000001', 'vme0000001 stands for 224.0.0.1, which no guest can have'],
  ])('keeps a VM with %s from starting, and never ends one that runs', async (tap, why) => {
    const makes = tap === TAP ? '' : `tap ${tap};`;
    const printed = await inOwnNetwork(
      `${makes} hook start begin -; hook started begin -; hook reconnect begin -`,
      domainOf(nic(tap)),
    );
    const words = `plow: web: ${why}`;
    expect(printed).toStrictEqual([words, 'start: 1', words, 'started: 1', words, 'reconnect: 0']);
  });

  it('gives no address outside the prefixes, and takes none from a VM that runs', async () => {
    const printed = await inOwnNetwork(
      `printf '# Made by plow\\n171376640 171442175 10.55.0.0/16\\n' > /etc/plow/prefixes; tap ${TAP}; tap vm08080808
       hook start begin -; hook started begin -; address ${TAP}
       document=$(printf '%s' "$document" | sed s/${TAP}/vm08080808/)
       hook start begin -; hook started begin -; address vm08080808
       ip address replace 169.254.0.1 peer 8.8.8.8/32 dev vm08080808
       hook reconnect begin -; address vm08080808`,
      ROUTED,
    );
    const words =
      'plow: web: vm08080808 stands for 8.8.8.8, which lies outside the prefixes of this host (/etc/plow/prefixes)';
    const refused = [words, 'start: 1', words, 'started: 1', words, 'reconnect: 0'];
    expect(printed).toStrictEqual([
      'start: 0',
      'started: 0',
      GIVEN,
      ...refused,
      '169.254.0.1 peer 8.8.8.8/32',
    ]);
  });

  it.each([
    [
      'an address of the host',
      'ip link add up0 type veth peer name up1; ip address add 10.55.22.22/24 dev up0',
    ],
    [
      "the host's way out",
      `ip link add up0 type veth peer name up1; ip link set up1 up; ip link set up0 up; ip address add 10.55.22.1/24 dev up0
       ip route add default via 10.55.22.22`,
    ],
  ])('gives no guest %s, and never ends one that runs', async (_, makes) => {
    const printed = await inOwnNetwork(
      `${makes}; tap ${TAP}; hook start begin -; hook reconnect begin -`,
      ROUTED,
    );
    const words = `plow: web: ${TAP} stands for 10.55.22.22, which the host itself has, or its gateway`;
    expect(printed).toStrictEqual([words, 'start: 1', 'reconnect: 0']);
  });

  it('knows an interface whatever else libvirt says of it', async () => {
    const printed = await inOwnNetwork(
      `tap ${TAP}; hook started begin -; address ${TAP}`,
      ROUTED.replace("type='ethernet'>", "type='ethernet' trustGuestRxFilters='yes'>"),
    );
    expect(printed).toStrictEqual(['started: 0', GIVEN]);
  });

  it('lets users hold none of its locks', async () => {
    const printed = await inOwnNetwork(
      `cp "$folder/taps.nft" /etc/plow; tap ${TAP}; hook start begin -; stat -c %a /run/plow /run/plow/lock`,
      ROUTED,
    );
    expect(printed).toStrictEqual(['start: 0', '700', '600']);
  });

  it('ends a command that hangs, at reconnect without harm', async () => {
    const printed = await inOwnNetwork(
      `tap ${TAP}; mkdir /run/slow; printf '#!/bin/sh\\nexec sleep 60\\n' > /run/slow/ip; chmod +x /run/slow/ip
       sed "s|^PATH=|PATH=/run/slow:|" "$plow" > /run/hook; chmod +x /run/hook; plow=/run/hook
       hook started begin -; hook reconnect begin -`,
      ROUTED,
    );
    const words = `plow: web: ${TAP} has not got its address 10.55.22.22`;
    expect(printed).toStrictEqual([words, 'started: 1', words, 'reconnect: 0']);
  });

  it('takes at most 25 ms of a processor', async () => {
    const runs = 20;
    // The second line of times is about all that the shell has started so far.
    const printed = await inOwnNetwork(
      `cp "$folder/taps.nft" /etc/plow; tap ${TAP}; printf '%s' "$document" > /run/document
       hook start begin - > /dev/null
       used() { sed -n '2s/[ms]/ /gp' "$1" | awk '{ print ($2 + $4) * 1000 }'; }
       for operation in prepare start started stopped release reconnect; do
         times > /run/before; n=0
         while [ $n -lt ${runs} ]; do "$plow" web $operation begin - < /run/document; n=$((n + 1)); done
         times > /run/after
         echo "$operation $(used /run/before) $(used /run/after)"
       done`,
      ROUTED,
    );
    const each = printed.map((line) => {
      const [operation, before, after] = line.split(' ');
      return { operation, milliseconds: (Number(after) - Number(before)) / runs };
    });
    expect(each).toHaveLength(6);
    // The kernel counts in hundredths of a second.
    expect(each.some(({ milliseconds }) => milliseconds > 0)).toBe(true);
    expect(each.filter(({ milliseconds }) => milliseconds > 25)).toStrictEqual([]);
  });
});

/** A guest that arrives: a pair of devices, of which `guest` is silent until it is told to speak. */
const ARRIVING = `ip link add ${TAP} type veth peer name guest
  for one in ${TAP} guest; do echo 1 > /proc/sys/net/ipv6/conf/$one/disable_ipv6; ip link set $one up; done
  speak() { echo 0 > /proc/sys/net/ipv6/conf/guest/disable_ipv6; }
  await() { n=0; until [ -n "$(address ${TAP})" ] || [ $n = 50 ]; do sleep 0.1; n=$((n + 1)); done; }`;

describe('the hook, where a guest arrives by migration', () => {
  it('gives the address with the first frame, and leaves no pipe open until then', async () => {
    const began = performance.now();
    const left = await inOwnNetwork(
      `${ARRIVING}
       hook migrate begin -; hook prepare begin -; hook start begin -; hook started begin -
       ls -A /run/plow/arriving; sleep 1; address ${TAP}
       echo "$(pgrep -fc "$plow web started")"; ip link del ${TAP}; sleep 0.5
       pgrep -fc "$plow web started" || true`,
      ROUTED,
    );
    // The one that waits ends by itself as the tap goes.
    const waiting = ['1', '0'];
    expect(left).toStrictEqual(['migrate: 0', 'prepare: 0', 'start: 0', 'started: 0', ...waiting]);
    expect(performance.now() - began).toBeLessThan(20_000);
    const spoke = await inOwnNetwork(
      `${ARRIVING}
       hook migrate begin -; hook prepare begin -; hook started begin -; sleep 0.5; speak; await; address ${TAP}`,
      ROUTED,
    );
    expect(spoke.at(-1)).toBe(GIVEN);
  });

  it('gives no address where the migration is given up', async () => {
    const printed = await inOwnNetwork(
      `${ARRIVING}
       hook migrate begin -; hook prepare begin -; hook started begin -; ip link del ${TAP}
       hook stopped end -; hook release end -; sleep 0.5; ip link | grep -c ${TAP} || true; ls -A /run/plow/arriving`,
      ROUTED,
    );
    expect(printed.slice(3)).toStrictEqual(['stopped: 0', 'release: 0', '0']);
  });

  it('takes a later start for a start: what arrived did not run', async () => {
    const printed = await inOwnNetwork(
      `${ARRIVING}
       hook migrate begin -; touch -d '2 minutes ago' /run/plow/arriving/vm-web
       hook prepare begin -; hook start begin -; hook started begin -; address ${TAP}`,
      ROUTED,
    );
    expect(printed.at(-1)).toBe(GIVEN);
  });
});

describe("the hook's rules", () => {
  it('are there with the first tap, and go with the last', async () => {
    const printed = await inOwnNetwork(
      `cp "$folder/taps.nft" /etc/plow; tap vm0a371616; hook start begin -; table
       tap vm0a371617; document=$(printf '%s' "$document" | sed s/vm0a371616/vm0a371617/); hook start begin -; table
       ip link del vm0a371616; hook stopped end -; table; ip link del vm0a371617; hook release end -; table`,
      ROUTED,
    );
    expect(printed).toStrictEqual([
      'start: 0',
      '"vm0a371616" 1',
      'start: 0',
      '"vm0a371616" "vm0a371617" 1',
      'stopped: 0',
      '"vm0a371617" 1',
      'release: 0',
      'no table',
    ]);
  });

  it('come back at the next start, at reconnect and at a refresh where something has flushed them', async () => {
    const flushed = 'nft flush ruleset; table';
    const printed = await inOwnNetwork(
      `cp "$folder/taps.nft" /etc/plow; tap ${TAP}; hook start begin - > /dev/null
       ${flushed}; hook start begin -; table; ${flushed}; hook reconnect begin -; table; ${flushed}
       "$plow" - refresh; table`,
      ROUTED,
    );
    expect(printed.filter((line) => line === 'no table')).toHaveLength(3);
    expect(printed.filter((line) => line === `"${TAP}" 1`)).toHaveLength(3);
  });

  it('keep a VM from starting where they cannot be had, and never end one', async () => {
    const printed = await inOwnNetwork(
      `echo 'table inet plow { nonsense' > /etc/plow/taps.nft; tap ${TAP}
       hook start begin - 2> /dev/null; hook reconnect begin - 2> /dev/null; hook release end - 2> /dev/null`,
      ROUTED,
    );
    expect(printed.filter((line) => /^\w+: \d$/u.test(line))).toStrictEqual([
      'start: 1',
      'reconnect: 0',
      'release: 0',
    ]);
  });

  it('know all taps of VMs that start at the same time', async () => {
    const printed = await inOwnNetwork(
      `cp "$folder/taps.nft" /etc/plow
       for n in 0 1 2 3 4 5 6 7 8 9; do
         tap vm0a37160$n
         (printf '%s' "$document" | sed s/vm0a371616/vm0a37160$n/ | "$plow" web$n start begin -) &
       done
       wait; nft list set inet plow taps | grep -o 'vm0a37160[0-9]' | sort | wc -l
       for n in 0 1 2 3 4 5 6 7 8 9; do ip link del vm0a37160$n; "$plow" web$n release end - < /dev/null & done
       wait; table`,
      ROUTED,
    );
    expect(printed).toStrictEqual(['10', 'no table']);
  });

  it('leave other devices alone whose names begin with vm', async () => {
    const printed = await inOwnNetwork(
      `cp "$folder/isolated.nft" /etc/plow/taps.nft; tap ${TAP}; tap vmbr0; tap vm0a37161z; hook start begin -; table`,
      ROUTED,
    );
    expect(printed).toStrictEqual(['start: 0', `"${TAP}" 5`]);
  });
});
