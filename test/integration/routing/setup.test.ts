import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { HASH_LINE, OWN_MARK } from '../../../src/routing/own.ts';
import type { Finished } from '../../lab/lab.ts';
import { useHost } from '../support.ts';
import { domainOf, nic } from './own-network.ts';

const host = useHost();

const ALONE = 'prefixes: [10.55.0.0/16]\n';
const BGP = `${ALONE}bgp:
  local_as: 65001
  address: 10.77.0.11
  neighbors:
    - { address: 10.77.0.1, as: 65000 }
`;
const ADMINS = 'router id 10.77.0.11;\nprotocol device { }\n';
const INCLUDE = 'include "/etc/plow/bird.conf";\n';

const HOOK = '/etc/libvirt/hooks/qemu.d/plow';
const OWN = [
  HOOK,
  '/etc/plow/bird.conf',
  '/etc/plow/prefixes',
  '/etc/plow/taps.nft',
  '/etc/sysctl.d/60-plow.conf',
];
const FORWARDS = 'cat /proc/sys/net/ipv4/ip_forward';
const FOUND = `for file in ${OWN.join(' ')} /etc/plow/network.yaml; do [ ! -e $file ] || stat -c '%n %U:%G %a' $file; done`;
const ALL = [
  `${HOOK} root:root 755`,
  '/etc/plow/bird.conf root:bird 640',
  '/etc/plow/prefixes root:root 644',
  '/etc/plow/taps.nft root:root 644',
  '/etc/sysctl.d/60-plow.conf root:root 644',
];

async function write(file: string, text: string): Promise<void> {
  await host().sh(`mkdir -p "$(dirname ${file})"; cat > ${file}`, text);
}

async function lines(command: string): Promise<readonly string[]> {
  return (await host().sh(command)).split('\n').filter((line) => line !== '');
}

/** What BIRD's protocols are called. */
const protocols = (): Promise<readonly string[]> =>
  lines(`birdc show protocols | awk 'NR > 2 { print $1 }' | sort`);

const network = (...words: readonly string[]): Promise<Finished> => host().plow(['network', ...words]);

/** Runs what `--script` prints, through a pipe as ssh has it. @param edit of the script */
async function script(words: readonly string[], edit = (text: string) => text): Promise<Finished> {
  const { code, stdout, stderr } = await network(...words, '--script');
  expect([code, stderr]).toStrictEqual([0, '']);
  return host().exec(['sh'], { input: edit(stdout) });
}

/** BIRD as Debian starts it, with this configuration. */
async function startBird(conf: string): Promise<void> {
  await write('/etc/bird/bird.conf', conf);
  await host().sh(`chown bird:bird /etc/bird/bird.conf; mkdir -p /run/bird; chown bird:bird /run/bird
    bird -u bird -g bird -P /run/bird/bird.pid
    until birdc show status > /dev/null 2>&1; do sleep 0.05; done`);
}

/** Ends BIRD, and waits until it is gone. */
const END_BIRD = `kill "$(cat /run/bird/bird.pid)"; while birdc show status > /dev/null 2>&1; do sleep 0.05; done`;

/** The script, whose so many-th file cannot be put where it belongs. */
const failingAt = (step: number) => (text: string) =>
  text.replace('\nplace() {', `\nn=0\nplace() { n=$((n + 1)); [ $n != ${step} ] || return 1;`);

const LEAVE_NOTHING = `
  [ ! -e /run/bird/bird.pid ] || kill "$(cat /run/bird/bird.pid)" 2> /dev/null || true
  while [ -e /run/bird/bird.ctl ] && birdc show status > /dev/null 2>&1; do sleep 0.05; done
  rm -rf /etc/plow /etc/libvirt/hooks /etc/sysctl.d/60-plow.conf /run/plow /run/bird /run/session /run/network.yaml
  for tap in /proc/sys/net/ipv4/conf/vm????????; do [ ! -e $tap ] || ip link del \${tap##*/}; done
  nft delete table inet plow 2> /dev/null || true
  nft delete table arp plow 2> /dev/null || true
  echo 0 > /proc/sys/net/ipv4/ip_forward`;

// Runs before the one of useHost that looks at what is left.
afterEach(async () => {
  await host().sh(LEAVE_NOTHING);
});

describe('plow network setup', () => {
  it('makes a host ready, and changes nothing the second time', async () => {
    await startBird(ADMINS);
    await write('/etc/plow/network.yaml', BGP);
    const first = await network('setup');
    expect(first.stdout.split('\n')).toStrictEqual([
      'wrote /etc/sysctl.d/60-plow.conf',
      'set net.ipv4.ip_forward to 1',
      'wrote /etc/plow/taps.nft',
      'wrote /etc/plow/prefixes',
      `wrote ${HOOK}`,
      'had libvirtd look for its hooks again',
      'wrote /etc/plow/bird.conf',
      '',
    ]);
    expect(first.stderr).toBe(
      `error: BIRD does not read /etc/plow/bird.conf yet, so nothing is announced
hint: add the line  include "/etc/plow/bird.conf";  to /etc/bird/bird.conf, then: birdc configure; plow network setup
`,
    );
    expect(first.code).toBe(2);
    expect(await lines(FOUND)).toStrictEqual([...ALL, '/etc/plow/network.yaml root:root 644']);
    expect(await host().sh(FORWARDS)).toBe('1');

    await host().sh('cat >> /etc/bird/bird.conf', INCLUDE);
    expect(await network('setup')).toStrictEqual({
      code: 0,
      stdout: 'had BIRD read its configuration\n',
      stderr: '',
    });
    expect(await protocols()).toStrictEqual(['device1', 'plow_10_77_0_1', 'plow_taps']);
    const before = await host().sh(`stat -c '%n %i %Z' ${OWN.join(' ')}`);
    const nothing = { code: 0, stdout: 'nothing to change: all of it is there\n', stderr: '' };
    expect(await network('setup')).toStrictEqual(nothing);
    expect(await host().sh(`stat -c '%n %i %Z' ${OWN.join(' ')}`)).toBe(before);
  });

  it('has libvirt run the hook from then on, beside the one that was there', async () => {
    await write('/etc/plow/network.yaml', ALONE);
    expect((await network('setup')).code).toBe(0);
    await write('/etc/libvirt/hooks/qemu', '#!/bin/sh\necho "$1 $2" >> /run/hook-of-another\n');
    await host().sh('chmod 755 /etc/libvirt/hooks/qemu; rm -f /run/hook-of-another');
    const devices = "<interface type='ethernet'><target dev='vm0a371616'/><model type='virtio'/></interface>";
    await host().foreignVm('create --paused', { name: 'web', devices });
    expect(await host().sh('ip -o -4 address show dev vm0a371616')).toContain(
      '169.254.0.1 peer 10.55.22.22/32',
    );
    expect(await host().sh('nft list set inet plow taps')).toContain('elements = { "vm0a371616" }');
    expect(await lines('cat /run/hook-of-another')).toContain('web started');
    await host().virsh('destroy web');
    expect((await host().exec(['nft', 'list', 'table', 'inet', 'plow'])).code).toBe(1);
    const wrong = devices.replace('vm0a371616', 'vm08080808');
    await expect(host().foreignVm('create --paused', { name: 'web', devices: wrong })).rejects.toThrow(
      'vm08080808 stands for 8.8.8.8, which lies outside the prefixes of this host (/etc/plow/prefixes)',
    );
  });

  it('takes the devices of the default route for the uplinks of isolated guests, or those that are named', async () => {
    const uplinks = (): Promise<string> => host().sh('sed -n "s/^define uplinks = //p" /etc/plow/taps.nft');
    await write('/etc/plow/network.yaml', `${ALONE}isolate: true\n`);
    await host().sh('ip route del default 2> /dev/null || true');
    expect((await network('setup')).stderr).toContain('there is no default route');
    await host().sh('ip route add default nexthop dev br0 nexthop dev br1');
    const { code } = await network('setup');
    expect([code, await uplinks()]).toStrictEqual([0, '{ "br0", "br1" }']);
    await host().sh('ip route del default');
    await write('/etc/plow/network.yaml', `${ALONE}isolate: true\nuplinks: [br0]\n`);
    expect([(await network('setup')).code, await uplinks()]).toStrictEqual([0, '{ "br0" }']);
    await write('/etc/plow/network.yaml', `${ALONE}isolate: true\nuplinks: [eth77]\n`);
    expect((await network('setup')).stderr).toContain('uplinks: this host has no interface eth77');
  });

  it('says with --dry-run what it would do, and does nothing', async () => {
    await startBird(ADMINS);
    await write('/run/session', 'hunter2\n');
    await host().sh('chmod 600 /run/session');
    await write('/etc/plow/network.yaml', BGP.replace('as: 65000', 'as: 65000, password_file: /run/session'));
    const { code, stdout, stderr } = await network('setup', '--dry-run');
    expect([code, stderr]).toStrictEqual([0, '']);
    for (const file of OWN) expect(stdout).toContain(`would write ${file}\n`);
    expect(stdout).toContain('password "(a secret, not shown)";');
    expect(stdout).not.toContain('hunter2');
    expect(await lines(FOUND)).toStrictEqual(['/etc/plow/network.yaml root:root 644']);
    expect(await host().sh(FORWARDS)).toBe('0');
    expect(await host().sh('ls -d /run/plow* 2> /dev/null || true')).toBe('');
  });

  it('touches no file that it has not made, and says which', async () => {
    await write('/etc/plow/network.yaml', ALONE);
    await write(HOOK, '#!/bin/sh\necho > /run/foreign-hook-ran\n');
    await host().sh(`chmod 755 ${HOOK}`);
    await write('/etc/plow/taps.nft', `# mine\n# more\n${OWN_MARK}\n`);
    expect(await network('setup')).toStrictEqual({
      code: 2,
      stdout: '',
      stderr: `error: plow has not made what is there already: ${HOOK} /etc/plow/taps.nft
hint: look at it, and move it away if nothing needs it
`,
    });
    expect(await host().sh(`cat ${HOOK}; ls /etc/sysctl.d | grep -c plow || true`)).toContain('\n0');
    const removed = await network('remove');
    expect(removed.stdout).toContain(`note: ${HOOK} stays: plow has not made it\n`);
    expect(await host().sh(`cat ${HOOK}; ls /run/foreign-hook-ran 2> /dev/null || true`)).toBe(
      '#!/bin/sh\necho > /run/foreign-hook-ran',
    );
  });

  it('puts everything back where BIRD refuses, and says why in its words', async () => {
    await startBird(ADMINS);
    await host().sh('cat >> /etc/bird/bird.conf', `protocol static plow_taps { ipv4; }\n${INCLUDE}`);
    await write('/etc/plow/network.yaml', BGP);
    const { code, stderr } = await network('setup');
    expect([code, stderr]).toStrictEqual([
      2,
      expect.stringMatching(
        /detail: .*\/etc\/plow\/bird\.conf:3:\d+ .*plow_taps.*\nerror: BIRD does not take its configuration with \/etc\/plow\/bird\.conf\nhint: .*\nwhat was done is taken back\n$/u,
      ),
    ]);
    expect(await lines(FOUND)).toStrictEqual(['/etc/plow/network.yaml root:root 644']);
    expect(await host().sh(FORWARDS)).toBe('0');
    expect(await host().sh('[ -e /etc/libvirt/hooks ] || echo none')).toBe('none');
  });

  it('gives BIRD its old file back where a later one is wrong', async () => {
    await startBird(`${ADMINS}protocol static plow_10_77_0_9 { ipv4; }\n`);
    await write('/etc/plow/network.yaml', BGP);
    expect((await network('setup')).code).toBe(2);
    await host().sh('cat >> /etc/bird/bird.conf', INCLUDE);
    expect((await network('setup')).code).toBe(0);
    const before = await host().sh('cksum /etc/plow/bird.conf');
    await host().sh('cat >> /etc/plow/network.yaml', '    - { address: 10.77.0.9, as: 65009 }\n');
    expect((await network('setup')).stderr).toContain('plow_10_77_0_9');
    expect(await host().sh('cksum /etc/plow/bird.conf; birdc configure check > /dev/null')).toBe(before);
    expect(await protocols()).toStrictEqual(['device1', 'plow_10_77_0_1', 'plow_10_77_0_9', 'plow_taps']);
  });

  it.each([
    ['is not there', 'rm -f /run/session', 'password_file /run/session is not there'],
    ['others may read', 'chmod 640 /run/session', 'can be read or written by others (mode 640)'],
    ['is not of root', 'chown bird /run/session', "is not a file of root's"],
    ['is a link', 'mv /run/session /run/s; ln -s /run/s /run/session', "is not a file of root's"],
    ['is empty', ': > /run/session', 'is empty'],
    ['has two lines', 'printf "a\\nb" > /run/session', 'has more than one line'],
    ['has a quote', `printf 'a"; } protocol device x {' > /run/session`, 'has a double quote'],
    ['has what is not ASCII', `printf 'a\\303\\244' > /run/session`, 'something else than letters, digits'],
    ['has a tab', `printf 'a\\tb' > /run/session`, 'something else than letters, digits'],
  ])('refuses a password whose file %s', async (_, spoil, why) => {
    await startBird(ADMINS);
    await write('/run/session', 'hunter2\n');
    await host().sh(`chmod 600 /run/session; ${spoil}`);
    await write('/etc/plow/network.yaml', BGP.replace('as: 65000', 'as: 65000, password_file: /run/session'));
    const { code, stdout, stderr } = await network('setup');
    expect([code, stdout]).toStrictEqual([2, '']);
    expect(stderr).toContain(why);
    expect(await lines(FOUND)).toStrictEqual(['/etc/plow/network.yaml root:root 644']);
  });

  it('gives BIRD a password that nobody else can read', async () => {
    await host().sh('mkdir /etc/plow');
    await startBird(`${ADMINS}${INCLUDE.replace('/etc/plow/', '/etc/plow/*')}`);
    await write('/run/session', "pa ss'$w`ord\\");
    await host().sh('chmod 600 /run/session');
    await write('/etc/plow/network.yaml', BGP.replace('as: 65000', 'as: 65000, password_file: /run/session'));
    expect(await network('setup')).toMatchObject({ code: 0, stderr: '' });
    expect(await host().sh('grep password /etc/plow/bird.conf')).toBe('password "pa ss\'$w`ord\\";');
    expect(await lines(FOUND)).toContain('/etc/plow/bird.conf root:bird 640');
  });

  it("gives the password to the group of BIRD's socket, and to no process that is called bird", async () => {
    await host()
      .sh(`cp /bin/sleep /run/bird-of-a-user; mkdir -p /run/user; mv /run/bird-of-a-user /run/user/bird
      setpriv --reuid nobody --regid nogroup --clear-groups /run/user/bird 600 > /dev/null 2>&1 & echo $! > /run/user/pid`);
    await startBird(ADMINS);
    await write('/etc/plow/network.yaml', BGP);
    await network('setup');
    await host().sh('kill "$(cat /run/user/pid)"; rm -r /run/user');
    expect(await lines(FOUND)).toContain('/etc/plow/bird.conf root:bird 640');
  });

  it('wants a directory that BIRD can enter', async () => {
    await startBird(ADMINS);
    await write('/etc/plow/network.yaml', BGP);
    await host().sh('chmod 700 /etc/plow');
    expect(await network('setup')).toStrictEqual({
      code: 2,
      stdout: '',
      stderr: `error: BIRD cannot enter /etc/plow (mode 700), where its part is to be
hint: chmod 755 /etc/plow
`,
    });
    await host().sh('chmod 755 /etc/plow');
    expect((await network('setup')).stdout).toContain('wrote /etc/plow/bird.conf\n');
  });

  it('leaves alone what another run is at', async () => {
    await write('/run/network.yaml', ALONE);
    await host().sh(`mkdir -p /run/plow/work
      (flock 8; exec sleep 600) 8> /run/plow/setup.lock > /dev/null 2>&1 & echo $! > /run/other.pid
      while flock -n /run/plow/setup.lock true; do sleep 0.05; done`);
    const { code, stderr } = await script(['setup', '--file', '/run/network.yaml'], (text) =>
      text.replace('timeout 30 flock', 'timeout 1 flock'),
    );
    const left = await host().sh('ls /run/plow; kill "$(cat /run/other.pid)"; rm /run/other.pid');
    expect([code, stderr]).toStrictEqual([4, expect.stringContaining('another plow network is at work')]);
    expect(left).toBe('setup.lock\nwork');
  });

  it.each([
    ['', 'bgp: is for BIRD', 'BIRD does not answer'],
    [ADMINS, '10.77.0.99', 'bgp.address 10.77.0.99 is not an address of this host'],
  ])('refuses before anything is made: %#', async (conf, address, why) => {
    if (conf !== '') await startBird(conf);
    await write('/etc/plow/network.yaml', conf === '' ? BGP : BGP.replace('10.77.0.11', address));
    const { code, stderr } = await network('setup');
    expect([code, stderr]).toStrictEqual([2, expect.stringContaining(why)]);
    expect(await lines(FOUND)).toStrictEqual(['/etc/plow/network.yaml root:root 644']);
  });

  it('works for another host through a pipe, and brings the network file along', async () => {
    const file = `${host().files}/network.yaml`;
    await write(file, ALONE);
    const { code, stdout, stderr } = await script(['setup', '--file', file]);
    expect([code, stderr]).toStrictEqual([0, '']);
    expect(stdout).toContain('wrote /etc/plow/network.yaml\n');
    const hash = createHash('sha256').update(ALONE).digest('hex');
    expect(await host().sh('cat /etc/plow/network.yaml')).toBe(
      `${OWN_MARK}\n${HASH_LINE}${hash}\n${ALONE.trim()}`,
    );
    expect((await script(['setup', '--file', file])).stdout).toBe('nothing to change: all of it is there\n');
    expect((await network('setup')).stdout).toBe('nothing to change: all of it is there\n');
    expect((await script(['remove'])).code).toBe(0);
    expect(await lines(FOUND)).toStrictEqual([]);
  });

  it('neither writes over nor deletes a copy of the network file that was edited since', async () => {
    const file = `${host().files}/network.yaml`;
    await write(file, ALONE);
    expect((await script(['setup', '--file', file])).code).toBe(0);
    await host().sh('sed -i s,55.0.0/16,56.0.0/16, /etc/plow/network.yaml');
    const again = await script(['setup', '--file', file]);
    expect([again.code, again.stderr]).toStrictEqual([2, expect.stringContaining('says something else')]);
    await write(file, 'prefixes: [10.56.0.0/16]\n');
    expect((await script(['setup', '--file', file])).stdout).toContain('wrote /etc/plow/network.yaml\n');
    await host().sh('echo "# more" >> /etc/plow/network.yaml');
    const removed = await script(['remove']);
    expect([removed.code, removed.stdout]).toStrictEqual([
      0,
      expect.stringContaining('note: /etc/plow/network.yaml stays: it is not as plow has written it\n'),
    ]);
    expect(await lines(FOUND)).toStrictEqual(['/etc/plow/network.yaml root:root 644']);
  });

  it('takes the place of no other network file', async () => {
    const file = `${host().files}/network.yaml`;
    await write(file, ALONE);
    await write('/etc/plow/network.yaml', 'prefixes: [10.56.0.0/16]\n');
    const { code, stderr } = await network('setup', '--file', file);
    expect([code, stderr]).toStrictEqual([
      2,
      expect.stringContaining('/etc/plow/network.yaml is there already, and says something else'),
    ]);
    expect(await lines(FOUND)).toStrictEqual(['/etc/plow/network.yaml root:root 644']);
  });

  it.each([
    ['after a step', 'printf', '\nsay() {'],
    ['while a file gets its place', 'mv -f "$new" "$2"', '\nplace() {'],
  ])('is finished by another run where it was killed %s', async (_, command, start) => {
    await startBird(ADMINS);
    await write('/etc/plow/network.yaml', BGP);
    await host().sh('cat >> /etc/bird/bird.conf', INCLUDE.replace('/etc/plow/', '/etc/plow/*'));
    const kills = (step: number) => (text: string) => {
      const [before = '', after = ''] = text.split(start);
      const killing = `{ n=$((n + 1)); [ $n != ${step} ] || kill -KILL $$; } && ${command}`;
      return `${before}\nn=0${start}${after.replace(command, () => killing)}`;
    };
    const codes: number[] = [];
    for (let step = 1; codes.at(-1) !== 0; step += 1) {
      codes.push((await script(['setup'], kills(step))).code);
      expect((await network('setup')).code).toBe(0);
      expect(await lines(`${FOUND}; ls -A /etc/libvirt/hooks /run/plow; ls -A /etc/plow`)).toStrictEqual([
        ...ALL,
        '/etc/plow/network.yaml root:root 644',
        '/etc/libvirt/hooks:',
        'qemu.d',
        '/run/plow:',
        'lock',
        'setup.lock',
        'bird.conf',
        'network.yaml',
        'prefixes',
        'taps.nft',
      ]);
      expect(await protocols()).toStrictEqual(['device1', 'plow_10_77_0_1', 'plow_taps']);
      expect(await host().sh(FORWARDS)).toBe('1');
      await host().sh(`rm -rf ${OWN.join(' ')} /etc/libvirt/hooks; echo 0 > /proc/sys/net/ipv4/ip_forward
        birdc configure > /dev/null; while birdc show protocols | grep -q plow_; do sleep 0.05; done`);
    }
    expect(codes.slice(0, -1)).toStrictEqual(codes.slice(0, -1).map(() => 137));
    expect(codes.length).toBeGreaterThan(4);
  });

  it('takes back what it did where a step fails, whichever it is', async () => {
    await startBird(ADMINS);
    await write('/run/network.yaml', BGP);
    for (const step of [1, 2, 3, 4, 5, 6]) {
      const { code, stderr } = await script(['setup', '--file', '/run/network.yaml'], failingAt(step));
      expect([step, code, stderr.split('\n')[0]]).toStrictEqual([
        step,
        5,
        expect.stringMatching(/^error: \/etc\/.* cannot be written$/u),
      ]);
      expect([step, await lines(FOUND)]).toStrictEqual([step, []]);
      expect(await host().sh(FORWARDS)).toBe('0');
      expect(await host().sh('ls -d /etc/plow /etc/libvirt/hooks 2> /dev/null || true')).toBe('');
    }
  });

  it.each([
    ['INT', 130],
    ['TERM', 143],
    ['HUP', 129],
  ])('takes back what it did where SIG%s comes in between', async (signal, expected) => {
    await write('/etc/plow/network.yaml', ALONE);
    const interrupted = (step: number) => (text: string) =>
      text.replace(
        '\nsay() {',
        () => `\nn=0\nsay() { n=$((n + 1)); [ $n != ${step} ] || kill -${signal} $$;`,
      );
    for (const step of [1, 3, 4]) {
      const { code, stderr } = await script(['setup'], interrupted(step));
      expect([step, code, stderr]).toStrictEqual([
        step,
        expected,
        'error: interrupted\nwhat was done is taken back\n',
      ]);
      expect(await lines(FOUND)).toStrictEqual(['/etc/plow/network.yaml root:root 644']);
      expect(await host().sh(`${FORWARDS}; ls /run/plow`)).not.toContain('work');
    }
  });
});

describe('plow network remove', () => {
  it('wants the include to go first, and then leaves nothing of plow', async () => {
    await startBird(ADMINS);
    await write('/etc/plow/network.yaml', BGP);
    await network('setup');
    await host().sh('cat >> /etc/bird/bird.conf; birdc configure', INCLUDE);
    const refused = await network('remove');
    expect(refused).toStrictEqual({
      code: 2,
      stdout: '',
      stderr: `error: /etc/bird/bird.conf includes /etc/plow/bird.conf, and BIRD takes no bird.conf with a missing part
hint: take that line out of it, then: birdc configure; plow network remove
`,
    });
    expect(await lines(FOUND)).toStrictEqual([...ALL, '/etc/plow/network.yaml root:root 644']);
    await host().sh('sed -i /include/d /etc/bird/bird.conf');
    expect((await network('remove')).stderr).toContain('BIRD still announces what /etc/plow/bird.conf says');
    await host().sh('birdc configure; while birdc show protocols | grep -q plow_; do sleep 0.05; done');
    expect((await network('remove', '--dry-run')).stdout).toContain('would delete /etc/plow/bird.conf\n');
    expect(await network('remove')).toMatchObject({ code: 0, stderr: '' });
    expect(await lines(FOUND)).toStrictEqual(['/etc/plow/network.yaml root:root 644']);
    expect((await network('remove')).stdout).toContain('nothing to delete: no file of plow is here\n');
    expect(await host().sh('birdc configure check > /dev/null; [ -e /run/plow ] || echo none')).toBe('none');
  });

  it.each([
    ['through another file', (text: string) => text],
    ['without a blank', (text: string) => text.replace('include ', 'include')],
  ])('finds an include %s that BIRD has not read yet', async (_, change) => {
    await startBird(`${ADMINS}include "/run/bird/m*.conf";\n`);
    await write('/etc/plow/network.yaml', BGP);
    await network('setup');
    await write('/run/bird/more.conf', change(INCLUDE));
    const { code, stderr } = await network('remove');
    expect([code, stderr]).toStrictEqual([
      2,
      expect.stringMatching(
        /detail: .*\nerror: BIRD's configuration needs .*\nhint: .*\nwhat was done is taken back\n/u,
      ),
    ]);
    expect(await lines(`${FOUND}; birdc configure check > /dev/null`)).toStrictEqual([
      ...ALL,
      '/etc/plow/network.yaml root:root 644',
    ]);
  });

  it('leaves BIRD with an empty file where it does not answer, and that with --force only', async () => {
    await startBird(`${ADMINS}include "/run/bird/more.conf";\n`.replace('more', 'm*'));
    await write('/etc/plow/network.yaml', BGP);
    await network('setup');
    await write('/run/bird/more.conf', INCLUDE);
    await host().sh(END_BIRD);
    const refused = await network('remove');
    expect([refused.code, refused.stderr]).toStrictEqual([
      2,
      expect.stringContaining('BIRD does not answer'),
    ]);
    const forced = await network('remove', '--force');
    expect([forced.code, forced.stdout]).toStrictEqual([
      0,
      expect.stringContaining('emptied /etc/plow/bird.conf: BIRD does not answer'),
    ]);
    expect(await host().sh('cat /etc/plow/bird.conf; bird -p -c /etc/bird/bird.conf')).toBe(OWN_MARK);
  });

  it('goes on over routed VMs with --force only', async () => {
    await write('/etc/plow/network.yaml', ALONE);
    await network('setup');
    await host().sh(
      `ip tuntap add vm0a371616 mode tap; cat | ${HOOK} web start begin -`,
      domainOf(nic('vm0a371616')),
    );
    expect(await network('remove')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('routed VMs run here') as string,
    });
    expect((await network('remove', '--force')).code).toBe(0);
    expect((await host().exec(['nft', 'list', 'table', 'inet', 'plow'])).code).toBe(1);
  });
});
