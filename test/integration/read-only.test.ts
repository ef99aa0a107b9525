import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finished } from '../lab/lab.ts';
import { PLOW, useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const ON_TERMINAL = fileURLToPath(new URL('on-terminal.py', import.meta.url));
/** An account that is in no group of libvirt's: its sockets for reading are open to all. */
const OUTSIDER = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const GROUP = 'join the group libvirt (sudo usermod -aG libvirt $USER, then log in again)';

const outsider = (...words: readonly string[]): Promise<Finished> =>
  host().exec([...OUTSIDER, ...PLOW, ...words]);

/** What is said once where an account may only look. */
function note(lacks: string): string {
  return `note: read-only, as this account may do no more at qemu:///system: ${lacks}; for all of it ${GROUP}\n`;
}

const ADDRESSES = note('addresses that only the agent of a guest tells are not shown');
const DIRECTORIES = note('directories that no pool shows are not looked at');
const SEEDS = note('what is in seeds, and on disks that no pool shows, is not told');

/**
 * Without ages and counters, which differ from one look to the next, and without what only root sees of
 * files: whether a seed is there, and what QEMU has printed when it ended.
 */
function still(text: string): string {
  return text
    .replaceAll(
      /"(?:bytes|packets|errors|drops|cpu_seconds|allocated_bytes|[a-z_]*_kib)": [\d.]+/gu,
      '"n": 0',
    )
    .replaceAll(/\d+(?:\.\d+)?s\b|just now|\d+ \w+ ago/gu, 'T')
    .replaceAll(/^(\s+(?:Received|Sent|CPU time|Allocated)): .*$/gmu, '$1')
    .replaceAll(/ +/gu, ' ')
    .replace(/ \(there\)$/mu, '')
    .replace(/("seed": \{\n "path": "[^"]*",\n "exists": )\w+/u, '$1')
    .replace(/^Since: .*$/mu, '');
}

const cloudInit = { cloud_init: { fqdn: 'web.example.com', ssh_pwauth: true } };
const OTHER = { network_interfaces: [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }] };

describe('an account that may not write', () => {
  beforeAll(async () => {
    await host().given(vm(cloudInit));
    await host().given(vm({ ...OTHER, name: 'idle', cloud_init: { fqdn: 'idle.example.com' } }));
    await host().virsh('destroy idle');
  });
  afterAll(async () => {
    await host().discard('web');
    await host().virsh('start idle');
    await host().discard('idle');
  });

  it.each([
    [['list', '--all'], ADDRESSES],
    [['list', '--all', '-o', 'wide'], ADDRESSES],
    [['list', '--all', '-o', 'json'], ADDRESSES],
    [['list', '--all', '-o', 'name'], ''],
    [['show', 'web'], ADDRESSES],
    [['show', 'web', '-o', 'json'], ADDRESSES],
    [['show', 'idle'], ADDRESSES],
    [['show', 'idle', '--xml'], ''],
  ])('sees with %j what everybody sees', async (words, said) => {
    const own = await outsider(...words);
    const all = await host().plow(words);
    expect({ ...own, stdout: still(own.stdout) }).toEqual({
      code: 0,
      stdout: still(all.stdout),
      stderr: said,
    });
  });

  it.each(['web', 'idle'])('has a file of %s but for its seed', async (name) => {
    const { code, stdout, stderr } = await outsider('export', name, '--show-secrets');
    const directory = `${IMAGES}/${name} is not shown to this account`;
    expect({ code, stderr }).toEqual({ code: 0, stderr: SEEDS });
    expect(stdout).toContain(`# the seed cannot be read (${directory})`);
    expect(stdout).toContain(`boot_disk:\n  size_gb: 1\n  image: ${IMAGES}/tiny.qcow2\n`);
    expect(stdout).not.toMatch(/does not exist|is missing/u);
  });

  it('is told by doctor what was not looked at, and no failure', async () => {
    const { code, stdout, stderr } = await outsider('doctor');
    expect({ code, stderr }).toEqual({ code: 0, stderr: DIRECTORIES });
    expect(stdout).toMatch(
      /^- uefi +not checked: libvirt does not tell that to an account that may only look$/mu,
    );
    expect(stdout).toMatch(/^✓ storage-path .* is a directory/mu);
    expect(stdout).not.toMatch(/✗|could not be checked/u);
  });

  it('may have a file validated there', async () => {
    const file = await host().write(vm({ name: 'third' }), 'third.yaml');
    await host().sh(`chmod 0755 ${host().files}`);
    const { code, stderr } = await outsider('validate', '--on-host', file);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('10.77.0.50') as unknown,
    });
    expect(stderr.startsWith(DIRECTORIES)).toBe(true);
  });

  it.each([
    ['destroy', 'web'],
    ['start', 'idle'],
    ['log', 'web'],
    ['vnc', 'web'],
    ['vnc', '--password', 'web'],
    ['screenshot', 'web'],
    ['export', 'web', '--adopt'],
    ['snapshot', 'create', 'idle', 'before'],
  ])('may not %s', async (...words) => {
    expect(await outsider(...words)).toEqual({
      code: 3,
      stdout: '',
      stderr: `error: no permission to use libvirt at qemu:///system\ndetail: Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied\nhint: ${GROUP}, or use -c qemu:///session\n`,
    });
  });

  it('is told nothing of files that it cannot look at, not that they are missing', async () => {
    await host().sh(`chmod 0700 ${IMAGES}`);
    const looks = [
      ['show', 'idle'],
      ['show', 'web'],
      ['export', 'idle'],
      ['list', '--all', '-o', 'wide'],
    ];
    const found = await Promise.all(looks.map((words) => outsider(...words)));
    await host().sh(`chmod 0711 ${IMAGES}`);
    for (const { code, stdout } of found) {
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: expect.not.stringMatching(/\(missing\)|is missing|does not exist/u) as unknown,
      });
    }
  });
});

it('gets the first refusal where reading is refused too', async () => {
  await host().sh('chmod 0700 /run/libvirt/libvirt-sock-ro');
  const refused = await outsider('list');
  await host().sh('chmod 0777 /run/libvirt/libvirt-sock-ro');
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining(`hint: ${GROUP}`) as unknown });
});

it('is told on a terminal that a dialog may be up, and has time for it', { timeout: 60_000 }, async () => {
  await host().sh(`chmod 0777 ${host().files} /run/libvirt/libvirt-sock`);
  await host().libvirtd('freeze');
  const steps = [
    ['see', 'waiting for libvirt at qemu:///system: a dialog may ask for a password'],
    ['run', 'sleep', '9'],
    ['run', 'touch', `${host().files}/on`],
    ['end'],
  ];
  const running = host().exec(
    [...OUTSIDER, '/usr/bin/python3', ON_TERMINAL, JSON.stringify(steps), ...PLOW, 'list', '--all'],
    { env: { DISPLAY: ':0', TERM: 'xterm' } },
  );
  await host().sh(`timeout 30 sh -c 'until [ -e ${host().files}/on ]; do sleep 0.1; done' || true`);
  await host().libvirtd('thaw');
  const { code, stdout, stderr } = await running;
  await host().sh('chmod 0770 /run/libvirt/libvirt-sock');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ code: 0 });
});

/** polkit's own daemon and its agent for terminals, where the hosts of the lab have them. */
const HAS_POLKIT =
  process.env['LAB_TRIXIE'] !== '1' &&
  ['/usr/lib/polkit-1/polkitd', '/usr/bin/pkttyagent', '/usr/bin/dbus-daemon'].every((file) =>
    existsSync(file),
  );
if (!HAS_POLKIT) console.log('polkit is not tried: apt install polkitd dbus (not with LAB_TRIXIE=1)');
const POLICY = `<?xml version="1.0"?>
<!DOCTYPE policyconfig PUBLIC "-//freedesktop//DTD PolicyKit Policy Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/PolicyKit/1/policyconfig.dtd">
<policyconfig><action id="org.libvirt.unix.manage"><description>a</description><message>b</message><defaults>
<allow_any>auth_admin</allow_any><allow_inactive>auth_admin</allow_inactive><allow_active>auth_admin</allow_active>
</defaults></action></policyconfig>`;
/** Its actions are seen in this host alone. */
const ASK_POLKIT = `mkdir -p /run/dbus /run/actions; cat > /run/actions/org.libvirt.unix.policy
  mount --bind /run/actions /usr/share/polkit-1/actions; dbus-daemon --system --fork --nopidfile
  cp -p /etc/libvirt/libvirtd.conf /run/libvirtd.conf
  sed -i 's/^auth_unix_rw.*/auth_unix_rw = "polkit"/; s/"0770"/"0777"/' /etc/libvirt/libvirtd.conf`;
/** With an agent for as long as it runs. */
const WITH_AGENT = 'pkttyagent --process $$ & sleep 1; exec "$@"';

describe.skipIf(!HAS_POLKIT)('an account that polkit asks for a password', () => {
  beforeAll(async () => {
    await host().sh(ASK_POLKIT, POLICY);
    await host().libvirtd('kill');
    await host().libvirtd('start');
  });
  afterAll(async () => {
    await host().sh('cp -p /run/libvirtd.conf /etc/libvirt/libvirtd.conf');
  });

  it('may look where nobody can be asked, and is told why it may not write', async () => {
    expect(await outsider('list', '--all')).toMatchObject({ code: 0, stderr: `${ADDRESSES}no VMs\n` });
    expect(await outsider('start', 'web')).toEqual({
      code: 3,
      stdout: '',
      stderr: `error: no permission to use libvirt at qemu:///system\ndetail: authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'\nhint: ${GROUP}, or use -c qemu:///session\n`,
    });
  });

  it('has the time that it takes, and may look where it does not know it', { timeout: 90_000 }, async () => {
    const steps = [
      ['see', 'waiting for libvirt at qemu:///system: a dialog may ask for a password'],
      ['run', 'sleep', '9'],
      ['type', 'not it\n'],
      ['see', 'note: read-only, as this account may do no more'],
      ['end'],
    ];
    const asked = ['/bin/sh', '-c', WITH_AGENT, 'sh', ...PLOW, 'list', '--all'];
    const { code, stdout, stderr } = await host().exec(
      [...OUTSIDER, '/usr/bin/python3', ON_TERMINAL, JSON.stringify(steps), ...asked],
      { env: { TERM: 'xterm' } },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ code: 0 });
  });
});
