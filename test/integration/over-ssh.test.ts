import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pace } from '../pace.ts';
import { startLab } from '../lab/lab.ts';
import type { Finished, Lab } from '../lab/lab.ts';
import { fetchSshd, homeForSsh, serveSsh } from '../lab/sshd.ts';

const ON_TERMINAL = fileURLToPath(new URL('on-terminal.py', import.meta.url));
const PLOW = fileURLToPath(new URL('../../dist/plow.cjs', import.meta.url));
const FAR = '10.77.0.12';
const URI = `qemu+ssh://root@${FAR}/system`;
const BOB = 'bob:x:65500:65534::/run/bob:/bin/sh';

/** plow runs on h1, and libvirtd on h2. */
let lab: Lab | undefined;

function there(): Lab {
  if (lab === undefined) throw new Error('the lab is there from beforeAll on');
  return lab;
}

async function sh(host: 'h1' | 'h2', command: string): Promise<string> {
  const { code, stdout, stderr } = await there().exec(host, ['sh', '-ec', command]);
  if (code !== 0) throw new Error(`${command}\nexit code ${code}: ${stderr}`);
  return stdout.trim();
}

const plow = (...words: readonly string[]): Promise<Finished> =>
  there().plow('h1', ['-c', URI, ...words], { env: { HOME: '/root' } });

/** What plow, which ended in time, says on stderr; no ssh of it lives on. */
async function failure(mostSeconds: number, ...words: readonly string[]): Promise<string> {
  const begun = performance.now();
  const { code, stderr } = await plow(...words);
  expect({ code, stderr }).toMatchObject({ code: 3 });
  expect((performance.now() - begun) / 1000).toBeLessThan(mostSeconds);
  expect(
    await sh('h1', 'for p in /proc/[0-9]*; do cat $p/comm; done 2> /dev/null | grep -c ^ssh$ || true'),
  ).toBe('0');
  return stderr.replaceAll(/^detail: .*\n/gmu, '');
}

beforeAll(async () => {
  await fetchSshd();
  lab = await startLab(2);
  await sh('h1', homeForSsh());
  await sh('h1', "ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519");
  const key = await sh('h1', 'cat /root/.ssh/id_ed25519.pub');
  await sh(
    'h2',
    `${homeForSsh(BOB)}; echo '${key}' > /root/.ssh/authorized_keys
    ssh-keygen -q -t ed25519 -N '' -f /run/sshd/key; ${serveSsh(FAR, ['HostKey=/run/sshd/key'])}`,
  );
});
afterAll(async () => {
  await lab?.stop();
});

const known = async (): Promise<void> => {
  const key = await sh('h2', 'cut -d" " -f1,2 /run/sshd/key.pub');
  await sh('h1', `echo '${FAR} ${key}' > /root/.ssh/known_hosts`);
};

/** A VM on an image of the machine that plow runs on. */
const brought = (ip: number): string => `name: vm${ip}
vcpus: 1
memory_gib: 1
boot_disk: { image: ./tiny.qcow2, size_gb: 1 }
network_interfaces: [{ ip: 10.77.0.${ip}/24, gateway: 10.77.0.1, bridge: br0 }]
firmware: bios
virt_type: qemu
`;

describe('a hypervisor over ssh', () => {
  afterEach(async () => {
    await known();
  });

  it('is worked with', async () => {
    await known();
    expect(await plow('list', '--all')).toMatchObject({ code: 0, stderr: 'no VMs\n' });
  });

  it('is brought an image of this machine, once', async () => {
    await known();
    await sh(
      'h1',
      `cp /var/lib/libvirt/images/tiny.qcow2 /root; echo '${brought(50)}' > /root/a.yaml; echo '${brought(51)}' > /root/b.yaml`,
    );
    const made = await plow('create', '--upload', '-o', 'json', '/root/a.yaml', '/root/b.yaml');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const place = '/var/lib/libvirt/images/plow.images';
    const digest = (await sh('h1', 'sha256sum /root/tiny.qcow2')).slice(0, 64);
    expect(await sh('h2', `sha256sum ${place}/*`)).toBe(
      `${digest}  ${place}/tiny-${digest.slice(0, 32)}.qcow2`,
    );
    expect(await sh('h1', `ls ${place} 2> /dev/null || true`)).toBe('');
    expect((await plow('destroy', '--force', 'vm50', 'vm51')).code).toBe(0);
    await sh('h2', `rm -r ${place}`);
  });

  it('whose key is not known, or another one, is told in one line', async () => {
    await sh('h1', 'rm -f /root/.ssh/known_hosts');
    expect(await failure(20, 'list')).toBe(
      `error: ssh does not know the host key of ${FAR}\nhint: ssh root@${FAR} true shows its fingerprint: compare it, and answer yes once\n`,
    );
    await sh(
      'h1',
      `ssh-keygen -q -t ed25519 -N '' -f /root/other
      echo "${FAR} $(cut -d' ' -f1,2 /root/other.pub)" > /root/.ssh/known_hosts; rm /root/other*`,
    );
    expect(await failure(20, 'list')).toMatch(
      /^error: the host key of 10\.77\.0\.12 is another one than ssh knows: .*\nhint: .*ssh-keygen -R 10\.77\.0\.12 .*\n$/u,
    );
  });

  it('that lets nobody in, or has no libvirtd, is told by what is missing there', async () => {
    await known();
    expect(await failure(20, '-c', URI.replace('root@', 'nobody@'), 'list')).toMatch(
      /^error: 10\.77\.0\.12 does not let 'nobody' in over ssh.*\nhint: ssh-copy-id .*\n$/u,
    );
    await there().libvirtd('h2', 'stop');
    expect(await failure(20, 'list')).toMatch(
      /^error: libvirtd is not running on 10\.77\.0\.12\nhint: start it there, as root: systemctl start libvirtd.*\n$/u,
    );
    await there().libvirtd('h2', 'start');
  });

  it('that lets an account look only is looked at, and changed by nobody', async () => {
    await known();
    await sh(
      'h2',
      'mkdir -p /run/bob/.ssh; cp /root/.ssh/authorized_keys /run/bob/.ssh/; chmod -R a+rX /run/bob',
    );
    const bob = URI.replace('root@', 'bob@');
    const repair = 'as root there: usermod -aG libvirt bob, then log in again';
    expect(await plow('-c', bob, 'list', '--all', '-o', 'json')).toEqual({
      code: 0,
      stdout: expect.stringContaining('"vms": []') as unknown,
      stderr: `note: read-only, as 'bob' may do no more on ${FAR}: addresses that only the agent of a guest tells are not shown; for all of it ${repair}\n`,
    });
    const doctor = await plow('-c', bob, 'doctor');
    expect(doctor.stdout).toMatch(/^- storage-path +not checked: no pool shows/mu);
    expect(doctor).toMatchObject({ code: 0, stdout: expect.not.stringContaining('✗') as unknown });
    expect(await failure(20, '-c', bob, 'destroy', 'web')).toBe(
      `error: 'bob' may not use libvirt on ${FAR}\nhint: ${repair}\n`,
    );
  });

  it('of several is told why it fails, and ssh is asked of all at once', async () => {
    await known();
    const hosts = {
      good: URI,
      keyless: URI.replace('root@', 'nobody@'),
      closed: URI.replace(FAR, `${FAR}:1`),
      // Nobody has these addresses, which takes ssh three seconds to see.
      ...Object.fromEntries([91, 92, 93, 94].map((end) => [`off${end}`, `qemu+ssh://10.77.0.${end}/system`])),
    };
    const entries = Object.entries(hosts).map(([name, connect]) => [name, { connect }]);
    await sh('h1', `echo '${JSON.stringify({ hosts: Object.fromEntries(entries) })}' > /root/plow.yaml`);
    const begun = performance.now();
    const { code, stderr } = await there().plow(
      'h1',
      ['--config', '/root/plow.yaml', 'list', '--all', '--all-hosts'],
      { env: { HOME: '/root' } },
    );
    const seconds = (performance.now() - begun) / 1000;
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: keyless: 10\.77\.0\.12 does not let 'nobody' in over ssh/mu);
    expect(stderr).toMatch(
      /^error: closed: cannot connect to 10\.77\.0\.12 over ssh: .*port 1: Connection refused$/mu,
    );
    expect(stderr.match(/^error: off9\d: cannot connect to 10\.77\.0\.9\d over ssh: /gmu)).toHaveLength(4);
    expect(stderr).toContain('error: of 7 hosts 6 could not be connected to: ');
    expect(seconds).toBeLessThan(8 + 3 * pace());
  });

  it('that hangs is told apart from one whose line is cut', async () => {
    await known();
    await there().libvirtd('h2', 'freeze');
    const hangs = await failure(20, 'list');
    await there().libvirtd('h2', 'thaw');
    expect(hangs).toMatch(
      /^error: libvirt on 10\.77\.0\.12 gives no answer, though ssh comes through\nhint: restart/u,
    );
    await there().cable('h2', 'cut');
    const cut = await failure(20, 'list');
    await there().cable('h2', 'heal');
    expect(cut).toMatch(
      /^error: (?:10\.77\.0\.12 gives no answer over ssh|cannot connect to .* timed out)\nhint: .*ssh root@/u,
    );
  });

  it('whose line is cut meanwhile is told in time, and no ssh lives on', async () => {
    await known();
    const watching = failure(25, 'list', '--watch');
    await sh(
      'h1',
      'until ls -l /proc/[0-9]*/fd 2> /dev/null | grep -q . && pgrep -x ssh > /dev/null; do sleep 0.1; done; sleep 3',
    );
    await there().cable('h2', 'cut');
    expect(await watching).toMatch(/the line to qemu\+ssh:\/\/root@10\.77\.0\.12\/system broke/u);
    await there().cable('h2', 'heal');
  });

  it('that is slow to open is told, once, how it would be quicker, in a terminal alone', async () => {
    await known();
    // As slow as a far one.
    const slow = `command="sleep 1.2; eval \\"$SSH_ORIGINAL_COMMAND\\"" `;
    const keys = '/root/.ssh/authorized_keys';
    await sh('h2', `cp ${keys} ${keys}.fast; printf %s '${slow}' > ${keys}; cat ${keys}.fast >> ${keys}`);
    const onTerminal = (...words: readonly string[]): Promise<Finished> =>
      there().exec(
        'h1',
        [
          'script',
          '-qec',
          [process.execPath, PLOW, '-c', URI, 'list', '--all', ...words].join(' '),
          '/dev/null',
        ],
        { env: { HOME: '/root', TERM: 'xterm' } },
      );
    const quiet = [await plow('list', '--all'), await onTerminal('-o', 'json')].map(
      (ran) => ran.stdout + ran.stderr,
    );
    expect(quiet.join('')).not.toContain('note:');
    const told = await onTerminal();
    expect(told.stdout).toMatch(
      /no VMs\r\nnote: to connect to 10\.77\.0\.12 over ssh took \d+\.\d s; .* takes about \d+\.\d s\. In ~\/\.ssh\/config:\r\n {2}Host 10\.77\.0\.12\r\n {4}ControlMaster auto\r\n/u,
    );
    expect(await sh('h1', 'stat -c "%a %n" /root/.local/state/plow /root/.local/state/plow/*')).toBe(
      '700 /root/.local/state/plow\n600 /root/.local/state/plow/ssh-master-said',
    );
    expect((await onTerminal()).stdout).not.toContain('note:');
    await sh(
      'h1',
      `rm -r /root/.local; printf '%s\n' 'ControlMaster auto' 'ControlPath ~/.ssh/cm-%C' 'ControlPersist 30' > /root/.ssh/config`,
    );
    // ssh keeps one from here on.
    expect((await onTerminal()).stdout).not.toContain('note:');
    await sh('h2', `mv ${keys}.fast ${keys}`);
    await there().cable('h2', 'cut');
    // The master itself lives on, as it is the user's.
    const dead = await plow('list');
    await there().cable('h2', 'heal');
    await sh('h1', `ssh -O exit root@${FAR} 2> /dev/null; rm /root/.ssh/config`);
    expect(dead.stderr).toBe(
      `error: ${FAR} gives no answer over ssh\nhint: ssh keeps a connection to it (ControlMaster), which may be dead: ssh -O exit root@${FAR} ends it; is it up, and the network? ssh root@${FAR} true tells whether ssh comes through\n`,
    );
  });

  it('leaves no ssh behind when plow is ended while it is opened', async () => {
    await known();
    await there().cable('h2', 'cut');
    const ended = await there().exec(
      'h1',
      [
        'bash',
        '-c',
        `"$@" & until pgrep -x ssh > /dev/null; do sleep 0.05; done; kill -TERM $!; wait $!; echo $?; pgrep -x ssh`,
        'bash',
        process.execPath,
        PLOW,
        '-c',
        URI,
        'list',
      ],
      { env: { HOME: '/root' } },
    );
    await there().cable('h2', 'heal');
    expect(ended.stdout).toBe('143\n');
  });

  it('may ask a person on the terminal, who has the time they need', { timeout: 120_000 }, async () => {
    await sh('h1', 'rm -f /root/.ssh/known_hosts');
    const steps = [
      ['see', 'continue connecting'],
      ['run', 'sleep', '10'],
      ['type', 'yes\n'],
      ['see', 'NAME'],
      ['end'],
    ];
    const { code, stdout, stderr } = await there().exec(
      'h1',
      ['python3', ON_TERMINAL, JSON.stringify(steps), process.execPath, PLOW, '-c', URI, 'list', '--all'],
      { env: { HOME: '/root', TERM: 'xterm' } },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ code: 0 });
  });
});
