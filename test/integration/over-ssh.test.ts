import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startLab } from '../lab/lab.ts';
import type { Finished, Lab } from '../lab/lab.ts';
import { run } from '../run.ts';

const SSHD = fileURLToPath(new URL('../lab/sshd.sh', import.meta.url));
const ON_TERMINAL = fileURLToPath(new URL('on-terminal.py', import.meta.url));
const PLOW = fileURLToPath(new URL('../../dist/plow.cjs', import.meta.url));
const FAR = '10.77.0.12';
const URI = `qemu+ssh://root@${FAR}/system`;
/** A home of its own on both sides, and the user that sshd wants: seen in these hosts alone. */
const HOME = `mount -t tmpfs none /root; mkdir -m 700 /root/.ssh; mkdir -p /run/sshd
  cp /etc/passwd /run/passwd; printf '%s\\n' sshd:x:65533:65533::/run/sshd:/bin/false bob:x:65500:65534::/run/bob:/bin/sh >> /run/passwd
  mount --bind /run/passwd /etc/passwd`;
const SERVE = `${SSHD} -f /dev/null -o HostKey=/run/sshd/key -o ListenAddress=${FAR} -o UsePAM=no \\
  -o StrictModes=no -o PermitRootLogin=yes -o PidFile=/run/sshd.pid`;

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
  // Downloads it where there is a network.
  await run(SSHD, ['-V']);
  lab = await startLab(2);
  await sh('h1', HOME);
  await sh('h1', "ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519");
  const key = await sh('h1', 'cat /root/.ssh/id_ed25519.pub');
  await sh(
    'h2',
    `${HOME}; echo '${key}' > /root/.ssh/authorized_keys
    ssh-keygen -q -t ed25519 -N '' -f /run/sshd/key; ${SERVE}`,
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
