import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { startLab } from '../../lab/lab.ts';
import type { Finished, Lab } from '../../lab/lab.ts';
import { fetchSshd, homeForSsh, serveSsh } from '../../lab/sshd.ts';
import { vm } from '../vms.ts';

const PLOW = fileURLToPath(new URL('../../../dist/plow.cjs', import.meta.url));
const FAR = '10.77.0.12';
const [PORT, STRICT_PORT] = [2222, 2223];
/** Not the name that ssh would take by itself. */
const KEY = '/root/the.key';
/** Notes what it is called with, and becomes ssh. */
const PROGRAM = '/root/my-ssh';
const URI = `qemu+ssh://root@${FAR}:${PORT}/system?keyfile=${KEY}&command=${PROGRAM}`;

/** plow runs on h1, and libvirtd on h2. */
let lab: Lab | undefined;

function there(): Lab {
  if (lab === undefined) throw new Error('the lab is there from beforeAll on');
  return lab;
}

async function sh(host: 'h1' | 'h2', command: string, input?: string): Promise<string> {
  const options = input === undefined ? {} : { input };
  const { code, stdout, stderr } = await there().exec(host, ['bash', '--norc', '-ec', command], options);
  if (code !== 0) throw new Error(`${command}\nexit code ${code}: ${stderr}`);
  return stdout.trim();
}

const ENV = { HOME: '/root', TMPDIR: '/root/tmp' };

const plow = (...words: readonly string[]): Promise<Finished> =>
  there().plow('h1', ['-c', URI, ...words], { env: ENV });

async function given(vnc: unknown): Promise<void> {
  await sh('h1', 'cat > /root/vm.yaml', stringify(vm({ vnc })));
  const { code, stderr } = await plow('create', '/root/vm.yaml');
  if (code !== 0) throw new Error(stderr);
}

async function discard(): Promise<void> {
  const { code, stderr } = await plow('destroy', '--force', 'web');
  if (code !== 0) throw new Error(stderr);
}

/** What is left of a `plow vnc` once it has ended: its ssh, but for one that is dead, and its directory. */
const LEFT = `for i in $(seq 100); do pgrep -r S,R,D -x ssh > /dev/null || break; sleep 0.05; done
  pgrep -r S,R,D -x ssh; ls -A /root/tmp`;

/** `plow vnc web` in the background, and a script that has its pid in $plow and its port in $P. */
function whileVnc(work: string, { uri = URI, waits = true } = {}): Promise<Finished> {
  const script = `
    rm -f /root/calls; out=$(mktemp -p /run); "$@" vnc web > $out 2> $out.err & plow=$!
    while ${waits}; do grep -q '^vnc://' $out && break; kill -0 $plow 2> /dev/null || break; sleep 0.05; done
    P=$(sed -n 's#^vnc://127.0.0.1:##p' $out)
    ${work}
    wait $plow; code=$?; cat $out.err >&2; rm $out $out.err; ${LEFT}; exit $code`;
  const argv = ['bash', '--norc', '-c', script, 'bash', process.execPath, PLOW, '-c', uri];
  return there().exec('h1', argv, { env: ENV });
}

/** What becomes of a `plow vnc web` that somebody looks through, while something happens on the hypervisor. */
async function meanwhile(command: string): Promise<Finished> {
  await sh('h1', 'rm -f /root/up');
  const watching = whileVnc(looking('touch /root/up'));
  await sh('h1', 'until [ -e /root/up ]; do sleep 0.05; done');
  await sh('h2', command);
  return watching;
}

/** Looks for as long as a line takes, and leaves. */
const LOOK = '(exec 3<>/dev/tcp/127.0.0.1/$P; head -c 12 <&3)';
/** Looks, stays, and ends plow in some way meanwhile. */
const looking = (end: string): string => `exec 3<>/dev/tcp/127.0.0.1/$P; head -c 12 <&3; ${end}`;

beforeAll(async () => {
  await fetchSshd();
  lab = await startLab(2);
  await sh(
    'h1',
    `${homeForSsh()}; mkdir /root/tmp; ssh-keygen -q -t ed25519 -N '' -f ${KEY}
    printf '%s\\n' '#!/bin/sh' 'printf "%s\\n" "$*" >> /root/calls' 'exec ssh "$@"' > ${PROGRAM}; chmod 755 ${PROGRAM}`,
  );
  const key = await sh('h1', `cat ${KEY}.pub`);
  const served = (port: number, ...options: readonly string[]): string =>
    serveSsh(FAR, ['HostKey=/run/sshd/key', `Port=${port}`, ...options]);
  await sh(
    'h2',
    `${homeForSsh()}; echo '${key}' > /root/.ssh/authorized_keys; echo 'Authorized uses only.' > /run/sshd/banner
    ssh-keygen -q -t ed25519 -N '' -f /run/sshd/key; ${served(PORT, 'Banner=/run/sshd/banner')}
    ${served(STRICT_PORT, 'AllowTcpForwarding=no', 'AllowStreamLocalForwarding=no')}`,
  );
  const known = await sh('h2', 'cut -d" " -f1,2 /run/sshd/key.pub');
  await sh(
    'h1',
    `for p in ${PORT} ${STRICT_PORT}; do echo "[${FAR}]:$p ${known}" >> /root/.ssh/known_hosts; done`,
  );
});
afterAll(async () => {
  await lab?.stop();
});

describe.each([
  ['an address of the hypervisor', true, /^-W 127\.0\.0\.1:5900 -T/u],
  [
    'a socket of the hypervisor',
    { listen: 'socket' },
    /^-L \/root\/tmp\/plow-vnc-\w+\/screen:\/[^ ]*\/vnc\.sock -o/u,
  ],
])('a screen at %s', (_, vnc, call) => {
  beforeAll(() => given(vnc));
  afterAll(discard);

  it('is led to by the ssh of the URI, which ends with the viewer', async () => {
    const { stdout, stderr, code } = await whileVnc(`${LOOK}; tail -n 1 /root/calls`);
    const [greeting, calls = '', ...left] = stdout.split('\n');
    expect({ greeting, left, code }).toEqual({ greeting: 'RFB 003.008', left: [''], code: 0 });
    expect(stderr).toBe(`the screen of VM 'web', for one viewer; Ctrl-C ends it\nthe viewer has left\n`);
    expect(calls).toMatch(call);
    expect(calls).toMatch(new RegExp(`-T -e none -p ${PORT} -l root -i ${KEY} -- ${FAR}(?: cat)?$`, 'u'));
  });

  it.each([
    ['INT', 130],
    ['TERM', 143],
    ['HUP', 129],
    ['KILL', 137],
  ])('leaves no ssh and no file when plow is ended by SIG%s', async (signal, expected) => {
    const { stdout, code } = await whileVnc(looking(`pgrep -r S,R,D -xc ssh; kill -${signal} $plow`));
    expect([code, stdout]).toEqual([expected, 'RFB 003.008\n1\n']);
  });

  it('whose way breaks is told apart from one that ends with its VM', async () => {
    const broke = await meanwhile(
      `for p in /proc/[0-9]*; do if grep -qs '^sshd: root' $p/cmdline; then kill -9 \${p#/proc/}; fi; done`,
    );
    expect(broke).toEqual({
      code: 3,
      stdout: 'RFB 003.008\n',
      stderr: expect.stringMatching(
        /^the screen of VM 'web', .*\nerror: the way to the screen of VM 'web' broke: [^\n]*10\.77\.0\.12[^\n]*\n$/u,
      ) as unknown,
    });
    expect(await meanwhile('virsh --quiet destroy web; virsh --quiet start web')).toEqual({
      code: 0,
      stdout: 'RFB 003.008\n',
      stderr: `the screen of VM 'web', for one viewer; Ctrl-C ends it\nthe screen of VM 'web' is closed\n`,
    });
  });

  it('that sshd does not lead to is told so, with what repairs it', async () => {
    const { code, stdout, stderr } = await whileVnc('', { uri: URI.replace(`:${PORT}`, `:${STRICT_PORT}`) });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(
      /^error: cannot reach the screen of VM 'web': sshd there (?:lets nobody be led on\nhint: .*AllowTcpForwarding yes|does not come to it: open failed\nhint: .*AllowStreamLocalForwarding yes)/u,
    );
  });

  it('is given up where its QEMU hangs, and at once by Ctrl-C', async () => {
    await sh('h2', 'kill -STOP $(cat /run/libvirt/qemu/web.pid)');
    const ended = await whileVnc(
      `until grep -qsE '^-[WL]' /root/calls; do sleep 0.05; done; kill -INT $plow; wait $plow; echo $?`,
      { waits: false },
    );
    expect([ended.stdout, ended.stderr]).toEqual(['130\n', 'interrupted by SIGINT\n']);
    const { code, stdout, stderr } = await whileVnc('');
    await sh('h2', 'kill -CONT $(cat /run/libvirt/qemu/web.pid)');
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toBe(
      `error: cannot reach the screen of VM 'web': it said nothing within 20 seconds
hint: its QEMU may hang: plow show web tells how it is\n`,
    );
  });
});

it.each(['::1', '::'])('at %s, of a VM of others, is led to', async (address) => {
  await given({ listen: '127.0.0.1' });
  await sh(
    'h2',
    `virsh --quiet destroy web; virsh dumpxml web | sed "s/'127\\.0\\.0\\.1'/'${address}'/" > /run/web.xml
    virsh --quiet define /run/web.xml; virsh --quiet start web; rm /run/web.xml`,
  );
  const { stdout, stderr, code } = await whileVnc(`${LOOK}; tail -n 1 /root/calls`);
  expect({ stderr, code }).toEqual({
    stderr: `the screen of VM 'web', for one viewer; Ctrl-C ends it\nthe viewer has left\n`,
    code: 0,
  });
  expect(stdout).toMatch(address === '::1' ? /^RFB 003\.008\n-W \[::1\]:5900 / : /\n-W 127\.0\.0\.1:5900 /u);
  await discard();
});

it('at the loopback address of a hypervisor elsewhere is told to be open to its users', async () => {
  await sh('h1', 'cat > /root/vm.yaml', stringify(vm({ vnc: true })));
  const { code, stderr } = await plow('create', '--dry-run', '/root/vm.yaml');
  expect(code).toBe(0);
  expect(stderr).toMatch(/vm\.yaml:\d+:\d+: vnc: every user of the hypervisor reaches 127\.0\.0\.1, /u);
});

it('without a socket is reached on the hypervisor only, and a picture from everywhere', async () => {
  await given({ listen: 'none' });
  const none = await plow('vnc', 'web');
  expect(none).toEqual({
    code: 4,
    stdout: '',
    stderr: `error: the screen of VM 'web' has no socket, and is reached on the hypervisor only (vnc.listen: none)
hint: run plow vnc web on the hypervisor itself, or have it listen at 127.0.0.1 there (vnc.listen)
`,
  });
  expect(await plow('screenshot', 'web', '/root/web.png')).toMatchObject({ code: 0, stderr: '' });
  expect(await sh('h1', 'head -c 4 /root/web.png | tail -c 3')).toBe('PNG');
  await discard();
});
