import { beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import type { Finished } from '../lab/lab.ts';
import { PLOW, useHost } from './support.ts';
import { created, destroyed, IMAGES, vm } from './vms.ts';

const host = useHost();

/** An account without any rights. */
const UID = 2001;
/** What is below is private to the host. */
const HOME = '/var/lib/libvirt/alice';
const RUNTIME = `/run/user/${UID}`;
const DATA = `${HOME}/.local/share/libvirt/images`;
const OWN_IMAGES = `${HOME}/images`;
const IMAGE = `${OWN_IMAGES}/tiny.qcow2`;
const HELPER = '/usr/lib/qemu/qemu-bridge-helper';

/**
 * The account, and an /etc over the real one into which QEMU's settings for bridges can be written. What the
 * lab has put into /etc comes along.
 */
const SET_UP = `
  mkdir /run/etc && mount -t tmpfs etc /run/etc && cd /run/etc && mkdir up work libvirt
  cp -a /etc/passwd /etc/group /etc/hosts up
  echo 'alice:x:${UID}:${UID}::${HOME}:/bin/sh' >> up/passwd
  echo 'alice:x:${UID}:' >> up/group
  mount --bind /etc/libvirt libvirt
  mount -t overlay etc -o lowerdir=/etc,upperdir=/run/etc/up,workdir=/run/etc/work /etc
  mount --bind /run/etc/libvirt /etc/libvirt
  mkdir -p -m 755 /run/user`;

/** A home as it is after the first login. */
const NEW_HOME = `
  install -d -m 0700 -o ${UID} -g ${UID} ${HOME} ${RUNTIME}
  install -d -o ${UID} -g ${UID} ${OWN_IMAGES}
  install -m 0644 -o ${UID} -g ${UID} ${IMAGES}/tiny.qcow2 ${IMAGE}
  echo 'image_dirs: [${OWN_IMAGES}]' > ${HOME}/plow.yaml
  rm -rf /etc/qemu; chmod 0644 /dev/net/tun`;

/** Ends all that runs for the account, whatever the test left of it, and fails where something stays. */
const END = `
  those() {
    for process in /proc/[0-9]*; do
      [ "$(stat -c %u $process 2>/dev/null)" != ${UID} ] || echo \${process#/proc/}
    done
  }
  for process in $(those); do kill -KILL $process || true; done
  for turn in 1 2 3 4 5 6 7 8 9; do [ "$(those)" = '' ] || sleep 0.2; done
  [ "$(those)" = '' ]
  ! mountpoint -q ${HELPER} || umount ${HELPER}
  rm -rf ${HOME} ${RUNTIME}`;

/** libvirt keeps what it knows of a session below these. */
const OF_ALICE = { HOME, XDG_RUNTIME_DIR: RUNTIME, XDG_CONFIG_HOME: `${HOME}/.config` };

const AT_BOOT =
  "note: nobody starts a session's libvirt at boot: autostart has the VM start when this user's libvirt does, which the first command after a boot brings about\n";
const CHMOD_TUN = 'sudo chmod 0666 /dev/net/tun';
const NO_RIGHTS = `QEMU's bridge helper has not the rights of root, and can plug in nothing: sudo chmod u+s ${HELPER}`;

/** The command at the end of an error line, for root, who needs no sudo. */
function repair(stderr: string): string {
  const command = /: (?<command>(?:sudo mkdir|echo) .*)$/mu.exec(stderr)?.groups?.['command'] ?? 'false';
  return command.replaceAll('sudo ', '');
}

/** A setuid copy in place of the helper, and a device that all may open, as udev makes it. */
const ALLOWED = `
  cp ${HELPER} /run/etc/helper && chmod 4755 /run/etc/helper && mount --bind /run/etc/helper ${HELPER}
  mkdir /etc/qemu && echo 'allow br0' > /etc/qemu/bridge.conf && chmod 0666 /dev/net/tun`;

beforeAll(async () => {
  await host().sh(SET_UP);
});

beforeEach(async () => {
  await host().sh(NEW_HOME);
});

afterEach(async () => {
  await host().sh(END);
});

function asAlice(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const account = ['setpriv', '--reuid', `${UID}`, '--regid', `${UID}`, '--clear-groups'];
  return host().exec([...account, ...argv], { env: { ...OF_ALICE, ...env } });
}

function plow(...argv: readonly string[]): Promise<Finished> {
  return asAlice([...PLOW, '-c', 'qemu:///session', '--config', `${HOME}/plow.yaml`, ...argv]);
}

/** A configuration that alice can read. */
async function write(changes: object = {}): Promise<string> {
  const path = `${HOME}/vm.yaml`;
  await host().sh(
    `cat > ${path}`,
    JSON.stringify(vm({ boot_disk: { image: IMAGE, size_gb: 1 }, ...changes })),
  );
  return path;
}

describe('for a user without rights, in a session', () => {
  it('plow makes VMs in the home, and removes them', async () => {
    await host().sh(ALLOWED);
    const file = await write({ autostart: true });
    expect(await plow('create', file)).toEqual({ code: 0, stdout: created('web'), stderr: AT_BOOT });
    expect(await host().sh(`stat -c '%a %u' ${DATA} ${HOME}/.local`)).toBe(`700 ${UID}\n755 ${UID}`);
    expect((await plow('list', '-o', 'name')).stdout).toBe('web\n');
    const { stdout: shown } = await plow('show', 'web');
    expect(shown).toContain(`Directory:   ${DATA}/web\n`);
    expect(shown).toContain('    Tap:       tap0\n');
    expect(shown).toMatch(/^Since: +(?:just now|\d+s ago) \(\d{4}-/mu);
    expect(await plow('destroy', '--force', 'web')).toEqual({
      code: 0,
      stdout: destroyed('web'),
      stderr: '',
    });
    expect(await host().sh(`ls -A ${DATA}; find ${HOME}/.config ${RUNTIME} -name '*web*'`)).toBe('');
  });

  it.each([
    [
      'mkdir /etc/qemu; echo allow br1 > /etc/qemu/bridge.conf',
      "QEMU's bridge helper may not serve bridge 'br0'",
    ],
    ['true', "QEMU's bridge helper serves no bridge"],
  ])(
    'a bridge that root does not allow is told before, with %s, until the command told is run',
    async (deny, why) => {
      await host().sh(`${ALLOWED}; rm -r /etc/qemu; ${deny}`);
      const file = await write();
      const { code, stderr } = await plow('create', file);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(why) as unknown });
      expect(await host().sh(`ls -A ${HOME}`)).not.toContain('.local');
      await host().sh(repair(stderr));
      expect((await plow('create', file)).stderr).toBe('');
      await plow('destroy', '--force', 'web');
    },
  );

  it('what the helper lacks is noted, and told again with its repair when QEMU does not start', async () => {
    await host().sh(`${ALLOWED}; umount ${HELPER}; chmod 0600 /dev/net/tun`);
    const file = await write();
    const notes = [NO_RIGHTS, `you may not open /dev/net/tun, which plugs VMs into bridges: ${CHMOD_TUN}`];
    const refused = await plow('create', file);
    const start = refused.stderr.split('\n');
    expect(start.slice(0, 3)).toEqual([
      ...notes.map((note) => `note: ${note}`),
      "error: cannot start VM 'web'",
    ]);
    expect(refused).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/^hint: (?:QEMU's bridge helper failed|you may not open)/mu) as unknown,
    });
    const { stdout } = await plow('doctor');
    expect(stdout).toContain(`→ ${CHMOD_TUN}\n`);
    await host().sh('chmod 0666 /dev/net/tun');
    expect((await plow('create', file)).stderr).toMatch(
      /^hint: QEMU's bridge helper (?:failed|has not the rights of root)/mu,
    );
    expect(await host().sh(`ls -A ${DATA}`)).toBe('');
  });

  it('UEFI variables are in the home, and go with the VM', async () => {
    await host().sh(ALLOWED);
    const made = await plow('create', await write({ firmware: 'uefi' }));
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const nvrams = `ls ${HOME}/.config/libvirt/qemu/nvram`;
    expect(await host().sh(nvrams)).toBe('web_VARS.fd');
    expect((await plow('destroy', '--force', 'web')).code).toBe(0);
    expect(await host().sh(nvrams)).toBe('');
  });

  it('doctor looks at what the user has', async () => {
    const found = await plow('doctor');
    expect(found.code).toBe(2);
    expect(found.stdout).toContain(`✓ storage-path  ${DATA} is made by the first create\n`);
    expect(found.stdout).toContain(
      '✓ direct-io     the file system of /var/lib/libvirt/alice does direct I/O\n',
    );
    expect(found.stdout).toMatch(/✓ space +\d+\.\d GiB free below \/var\/lib\/libvirt\/alice$/mu);
    expect(await plow('gc')).toEqual({ code: 0, stdout: '', stderr: 'nothing is left over\n' });
    expect(found.stdout).toContain("✗ bridges       QEMU's bridge helper serves no bridge");
    expect(found.stdout).toContain(`→ sudo chmod u+s ${HELPER}\n`);
    expect(found.stdout).toContain('! shutdown      VMs of a session are powered off hard');
    expect(found.stdout).toContain('✓ console-log   virtlogd bounds');
    await host().sh(`${ALLOWED}; install -d -m 0500 -o ${UID} ${HOME}/vms`);
    const closed = await plow('--storage-path', `${HOME}/vms`, 'doctor');
    expect(closed.code).toBe(5);
    expect(closed.stdout).toContain(`→ chmod u+rwx ${HOME}/vms\n`);
    expect(closed.stdout).not.toContain('bridge helper');
  });

  it('a session that cannot begin is told as that', async () => {
    const elsewhere = { HOME: '/nosuch', XDG_RUNTIME_DIR: RUNTIME, XDG_CONFIG_HOME: '/nosuch' };
    const { code, stderr } = await asAlice([...PLOW, '-c', 'qemu:///session', 'list'], elsewhere);
    expect({ code, error: stderr.split('\n')[0] }).toEqual({
      code: 3,
      error: "error: cannot connect to qemu:///session: this user's libvirtd did not start",
    });
  });

  it('an image that the user may not read may be there', async () => {
    await host().sh(`chown root: ${IMAGE}; chmod 600 ${IMAGE}`);
    for (const argv of [['create'], ['create', '--dry-run']]) {
      const { stderr } = await plow(...argv, await write());
      expect(stderr).toContain(`boot_disk.image: ${IMAGE} is not there, or not readable for you\n`);
    }
  });

  it('an image where libvirt may not look is copied with the command told', async () => {
    await host().sh(ALLOWED);
    const elsewhere = { boot_disk: { image: `${IMAGES}/tiny.qcow2`, size_gb: 1 } };
    await host().sh(`rm ${HOME}/plow.yaml; touch ${HOME}/plow.yaml`);
    const { code, stderr } = await plow('create', await write(elsewhere));
    const command = /: copy the image, (?<command>install .*), and give that$/mu.exec(stderr)?.groups?.[
      'command'
    ];
    expect({ code, command }).toEqual({
      code: 2,
      command: `install -D -m 0644 ${IMAGES}/tiny.qcow2 ${DATA}/tiny.qcow2`,
    });
    expect((await asAlice(['sh', '-c', command ?? 'false'])).code).toBe(0);
    const copied = { boot_disk: { image: `${DATA}/tiny.qcow2`, size_gb: 1 } };
    expect(await plow('create', await write(copied))).toEqual({
      code: 0,
      stdout: created('web'),
      stderr: '',
    });
    await plow('destroy', '--force', 'web');
  });

  it('a storage path that the user may not write to is refused before anything else', async () => {
    const file = await write();
    await host().sh(`install -d -o ${UID} -m 0500 ${HOME}/vms`);
    const refused = await plow('--storage-path', `${HOME}/vms`, 'create', file);
    expect(refused.stdout).toBe("Creating VM 'web'...\n");
    expect(refused.stderr).toContain(`error: you may not read the storage path ${HOME}/vms and write to it`);
    expect(refused.stderr).toContain(`: chmod u+rwx ${HOME}/vms\n`);
    await host().sh(`chown root: ${HOME}/vms; chmod 0700 ${HOME}/vms`);
    expect((await plow('--storage-path', `${HOME}/vms`, 'create', file)).stderr).toContain(
      'which QEMU does as you (it has mode 0700, owner 0, group 0): give another with --storage-path\n',
    );
  });

  it('a session that may be that of another machine has no default storage path', async () => {
    const file = await write();
    const elsewhere = ['-c', `qemu+unix:///session?socket=${RUNTIME}/libvirt/libvirt-sock`];
    expect((await plow('list')).code).toBe(0);
    const { code, stderr } = await plow(...elsewhere, 'create', file);
    expect(code).toBe(1);
    expect(stderr).toMatch(/is not known here: give a directory of that user with --storage-path\n$/u);
    const closed = await plow(...elsewhere, '--storage-path', IMAGES, 'create', file);
    expect(closed.stderr).toContain(
      `error: the user of this session may not read the storage path ${IMAGES}: give a directory of that user with --storage-path\n`,
    );
  });
});
