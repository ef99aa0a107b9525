import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { networkStatusDocument } from '../../../src/documents/network/status-schema.ts';
import { useHost } from '../support.ts';
import { vm } from '../vms.ts';

const host = useHost();

const ADDRESS = '10.55.22.22';
const TAP = 'vm0a371616';
const HOOK = '/etc/libvirt/hooks/qemu.d/plow';
const ROUTER = '10.77.0.200';
const ADMINS = 'router id 10.77.0.11;\nprotocol device { }\ninclude "/etc/plow/bird*.conf";\n';
const NETWORK = `prefixes: [10.55.0.0/16]
bgp:
  local_as: 65001
  address: 10.77.0.11
  neighbors: [{ address: ${ROUTER}, as: 65000 }]
`;
const UPSTREAM = `router id ${ROUTER};
protocol device { }
protocol kernel { ipv4 { import none; export all; }; }
protocol bgp h1 {
  local ${ROUTER} as 65000;
  neighbor 10.77.0.11 as 65001;
  hold time 9; connect retry time 1; connect delay time 1; error wait time 1, 2; graceful restart on;
  ipv4 { import all; export none; };
}
`;

const routed = (changes: object = {}, ip = `${ADDRESS}/32`): object =>
  vm({ network_interfaces: [{ mode: 'ethernet', ip }], ...changes });

async function write(file: string, text: string): Promise<void> {
  await host().sh(`mkdir -p "$(dirname ${file})"; cat > ${file}`, text);
}

const startBird = (): Promise<string> =>
  host().sh(`mkdir -p /run/bird; bird -c /etc/bird/bird.conf -P /run/bird/bird.pid
    until birdc show status > /dev/null 2>&1; do sleep 0.05; done`);

const startRouter = (): Promise<string> =>
  host().sh(`ip netns exec router bird -c /run/router.conf -s /run/router.ctl -P /run/router.pid
    until birdc -s /run/router.ctl show status > /dev/null 2>&1; do sleep 0.05; done`);

/** Ends a daemon and waits until it is gone. */
const end = (name: string): Promise<string> =>
  host().sh(`pid=$(cat /run/${name}.pid); kill $pid; while kill -0 $pid 2> /dev/null; do sleep 0.05; done`);

/** Until the router knows the address, or knows it no more. */
const heard = (isThere: boolean): Promise<string> =>
  host().sh(`for i in $(seq 400); do
    if ip netns exec router ip route show ${ADDRESS} | grep -q .; then now=true; else now=false; fi
    [ $now = ${isThere} ] && exit 0; sleep 0.05
  done; echo "the router has not heard of it"; exit 1`);

const sessionUp = (): Promise<string> =>
  host().sh(
    `for i in $(seq 400); do birdc show protocols | grep -q Established && exit 0; sleep 0.05; done; exit 1`,
  );

/** What `plow network status` complains of, by code, and how it ends. */
async function complaints(): Promise<{ readonly code: number; readonly codes: readonly (string | null)[] }> {
  const { code, stdout, stderr } = await host().plow(['network', 'status', '-o', 'json']);
  expect(stderr).toBe('');
  const { findings } = networkStatusDocument.parse(JSON.parse(stdout));
  return { code, codes: findings.flatMap((one) => (one.status === 'ok' ? [] : [one.code])) };
}

const SOUND = { code: 0, codes: [] };

beforeAll(async () => {
  await write('/etc/bird/bird.conf', ADMINS);
  await write('/etc/plow/network.yaml', NETWORK);
  await write('/run/router.conf', UPSTREAM);
  await host().sh(`ip netns add router; ip link add r0 type veth peer name eth0 netns router
    ip link set r0 master br0 up; ip -n router addr add ${ROUTER}/24 dev eth0; ip -n router link set eth0 up`);
  await startBird();
  await startRouter();
  const { code, stderr } = await host().plow(['network', 'setup']);
  if (code !== 0) throw new Error(stderr);
  await sessionUp();
}, 60_000);

// Runs before the one of useHost that looks at what is left.
afterEach(async () => {
  const there = await host().virsh('list --all --name');
  for (const name of there.split('\n').filter((one) => one !== ''))
    await host().exec(['sh', '-c', `virsh destroy ${name}; plow=1`]);
  for (const name of there.split('\n').filter((one) => one !== '')) await host().plow(['destroy', name]);
  await host().plow(['network', 'undrain']);
});

describe('a routed VM', () => {
  it('is announced once create ends, is found at each place, and is withdrawn with destroy', async () => {
    await host().given(routed());
    await heard(true);
    const status = await host().plow(['network', 'status']);
    expect(status).toStrictEqual({
      code: 0,
      stderr: '',
      stdout: `VM   ADDRESS      TAP         ROUTE  ANNOUNCED
web  ${ADDRESS}  ${TAP}  yes    ${ROUTER}

NEIGHBOR     AS     STATE        ANNOUNCED
${ROUTER}  65000  Established  1

✓ routing  1 address of running VMs is routed to its tap
✓ bgp      1 address announced to ${ROUTER} (AS 65000)
nothing to repair
`,
    });
    const doctor = await host().plow(['doctor']);
    expect(doctor.stdout).toContain('✓ routing       1 address of running VMs is routed to its tap\n');
    expect(doctor.stdout).toContain(`✓ bgp           1 address announced to ${ROUTER} (AS 65000)\n`);
    await host().discard('web');
    await heard(false);
    expect(await complaints()).toStrictEqual(SOUND);
  });

  it('is refused before anything is made, outside the prefixes and where nothing is forwarded', async () => {
    const outside = await host().create(routed({}, '10.9.9.9/32'));
    expect(outside.code).toBe(2);
    expect(outside.stderr).toContain(
      'network_interfaces[0].ip: 10.9.9.9 lies outside the prefixes of this hypervisor (10.55.0.0/16 in /etc/plow/network.yaml)',
    );
    await host().sh('echo 0 > /proc/sys/net/ipv4/ip_forward');
    const closed = await host().create(routed());
    await host().sh('echo 1 > /proc/sys/net/ipv4/ip_forward');
    expect(closed.code).toBe(2);
    expect(closed.stderr).toContain(
      'the hypervisor does not forward (net.ipv4.ip_forward is 0): plow network setup',
    );
  });

  it.each([
    [
      'missing',
      `mv ${HOOK} /run/hook`,
      `mv /run/hook ${HOOK}`,
      `(there is no hook ${HOOK})\nhint: plow network setup`,
    ],
    [
      'not executable',
      `chmod 644 ${HOOK}`,
      `chmod 755 ${HOOK}`,
      `(the hook ${HOOK} is not executable)\nhint: plow network setup`,
    ],
    [
      'broken',
      `cp -p ${HOOK} /run/hook; printf '#!/bin/sh\\necho no >&2\\nexit 1\\n' > ${HOOK}`,
      `cp -p /run/hook ${HOOK}`,
      'hint: a hook of libvirt refused it: plow network status',
    ],
  ])('is taken back where the hook is %s', async (_, breaks, mends, words) => {
    await host().sh(breaks);
    const { code, stderr } = await host().create(routed());
    await host().sh(mends);
    expect(code).toBe(4);
    expect(stderr).toContain(words);
  });

  it('that is started without a route runs on, and is told as an error', async () => {
    await host().given(routed());
    await host().sh(`virsh destroy web; chmod 644 ${HOOK}`);
    const { code, stderr } = await host().plow(['start', 'web']);
    expect(await complaints()).toStrictEqual({
      code: 2,
      codes: ['hook-closed', 'route-missing', 'tap-open', 'tap-open', 'guard-missing'],
    });
    await host().sh(`chmod 755 ${HOOK}`);
    expect(code).toBe(4);
    expect(stderr).toContain(
      `VM 'web' runs, and nothing routes ${ADDRESS} on this host: tap ${TAP} has no address`,
    );
    expect(await host().virsh('domstate web')).toBe('running');
    await host().libvirtd('kill');
    await host().libvirtd('start');
    await heard(true);
    expect(await complaints()).toStrictEqual(SOUND);
  });

  it('is withdrawn before its guest is asked to shut down, and given back where that does not', async () => {
    await host().given(routed());
    await heard(true);
    const stopping = host().plow(['stop', '--timeout', '4s', 'web']);
    await heard(false);
    expect(await host().virsh('domstate web')).toBe('running');
    const { code, stderr } = await stopping;
    expect(code).toBe(4);
    expect(stderr).toContain("VM 'web' still runs: its guest did not shut down within 4 seconds");
    await heard(true);
    expect(await complaints()).toStrictEqual(SOUND);
  });
});

describe('plow network status', () => {
  it('marks each difference by itself', async () => {
    await host().given(routed());
    await heard(true);
    const given = `ip addr replace 169.254.0.1 peer ${ADDRESS}/32 dev ${TAP} scope link`;
    const cases: readonly (readonly [string, string, readonly string[]])[] = [
      [`ip addr flush dev ${TAP}`, given, ['route-missing']],
      [
        `ip route replace ${ADDRESS} dev br1`,
        `ip route del ${ADDRESS} dev br1; ip addr flush dev ${TAP}; ${given}`,
        ['route-missing'],
      ],
      [
        'echo 0 > /proc/sys/net/ipv4/ip_forward',
        'echo 1 > /proc/sys/net/ipv4/ip_forward',
        ['forwarding-off'],
      ],
      [
        `echo 0 > /proc/sys/net/ipv4/conf/${TAP}/rp_filter`,
        `echo 1 > /proc/sys/net/ipv4/conf/${TAP}/rp_filter`,
        ['tap-open'],
      ],
      [
        `echo 0 > /proc/sys/net/ipv6/conf/${TAP}/disable_ipv6`,
        `echo 1 > /proc/sys/net/ipv6/conf/${TAP}/disable_ipv6`,
        ['tap-open'],
      ],
      [`echo '# more' >> ${HOOK}`, `sed -i '$d' ${HOOK}`, ['hook-changed']],
      [`mv ${HOOK} /run/hook`, `mv /run/hook ${HOOK}`, []],
      [
        'sed -i s/10.55.0.0/10.56.0.0/ /etc/plow/network.yaml',
        'sed -i s/10.56.0.0/10.55.0.0/ /etc/plow/network.yaml',
        ['address-outside-prefixes', 'announced-wrongly'],
      ],
      [
        'echo "wrong: 1" >> /etc/plow/network.yaml',
        "sed -i '$d' /etc/plow/network.yaml",
        ['network-file-wrong'],
      ],
      [
        'ip link add vm0a371699 type veth peer name p99; ip link set p99 up; ip link set vm0a371699 up; ip addr add 169.254.0.1 peer 10.55.22.153/32 dev vm0a371699; echo 1 > /proc/sys/net/ipv4/conf/vm0a371699/rp_filter; echo 1 > /proc/sys/net/ipv6/conf/vm0a371699/disable_ipv6; sleep 0.3',
        'ip link del vm0a371699; sleep 0.3',
        ['tap-stray', 'guard-missing', 'announced-wrongly'],
      ],
      ['nft flush ruleset', `${HOOK} - refresh < /dev/null`, ['guard-missing']],
      ['birdc disable plow_taps', 'birdc enable plow_taps; sleep 0.3', ['drained']],
    ];
    for (const [breaks, mends, codes] of cases) {
      await host().sh(breaks);
      const found = await complaints();
      await host().sh(mends);
      expect([breaks, found.codes]).toStrictEqual([breaks, codes]);
      await heard(true);
      expect([mends, await complaints()]).toStrictEqual([mends, SOUND]);
    }
  });

  it('tells of sessions that are down, and of BIRD that is', async () => {
    await host().given(routed());
    await end('router');
    await host().sh(
      `for i in $(seq 100); do birdc show protocols | grep -q Established || exit 0; sleep 0.05; done; exit 1`,
    );
    expect(await complaints()).toStrictEqual({ code: 2, codes: ['bgp-session-down'] });
    await startRouter();
    await end('bird/bird');
    expect(await complaints()).toStrictEqual({ code: 2, codes: ['bird-down'] });
    await startBird();
    await sessionUp();
    await heard(true);
    expect(await complaints()).toStrictEqual(SOUND);
  });
});

describe('plow network drain', () => {
  it('withdraws all addresses until undrain, whatever is restarted meanwhile', async () => {
    await host().given(routed());
    await heard(true);
    // With a BIRD that hangs nobody knows, and nothing is changed.
    await host().sh('kill -STOP "$(cat /run/bird/bird.pid)"');
    const unknown = await host().plow(['network', 'drain']);
    await host().sh('kill -CONT "$(cat /run/bird/bird.pid)"');
    expect([unknown.code, unknown.stderr]).toStrictEqual([
      4,
      'error: BIRD does not answer\nhint: birdc show status; nothing was changed\n',
    ]);
    // So it is with a socket that is elsewhere, and with a bird.conf of an earlier plow.
    await host().sh('mv /run/bird/bird.ctl /run/bird/other.ctl');
    const elsewhere = await host().plow(['network', 'drain']);
    await host().sh(
      'mv /run/bird/other.ctl /run/bird/bird.ctl; sed -i s/draine.d/older/ /etc/plow/bird.conf',
    );
    const older = await host().plow(['network', 'drain']);
    await host().sh('sed -i "s/include \\"older/include \\"draine[d/" /etc/plow/bird.conf');
    expect([elsewhere.code, older.code]).toStrictEqual([4, 4]);
    expect([elsewhere.stderr, older.stderr]).toStrictEqual([
      expect.stringContaining('BIRD runs, and birdc does not reach it'),
      expect.stringContaining('/etc/plow/bird.conf is of an earlier plow'),
    ]);
    expect(await complaints()).toStrictEqual(SOUND);
    const drained = await host().plow(['network', 'drain']);
    expect(drained).toStrictEqual({
      code: 0,
      stdout: `This host is drained: 1 address withdrawn from ${ROUTER} (AS 65000)\n`,
      stderr: '',
    });
    await heard(false);
    expect(await host().sh(`ip route show ${ADDRESS}`)).toContain(`dev ${TAP}`);
    const quiet = { code: 0, codes: ['drained'] };
    expect(await complaints()).toStrictEqual(quiet);
    await host().sh('birdc configure');
    expect(await complaints()).toStrictEqual(quiet);
    await end('bird/bird');
    await startBird();
    await sessionUp();
    await host().libvirtd('kill');
    await host().libvirtd('start');
    expect(await complaints()).toStrictEqual(quiet);
    await host().sh('virsh destroy web');
    const started = await host().plow(['start', 'web']);
    expect([started.code, started.stderr]).toStrictEqual([
      0,
      `note: this host is drained: ${ADDRESS} is not announced (plow network undrain)\n`,
    ]);
    expect(await complaints()).toStrictEqual(quiet);
    const again = await host().plow(['network', 'undrain']);
    expect(again.stdout).toBe(`This host is drained no more: 1 address announced to ${ROUTER} (AS 65000)\n`);
    await heard(true);
    expect(await complaints()).toStrictEqual(SOUND);
  });
});
