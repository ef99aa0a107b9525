import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { PLOW, useHost } from './support.ts';
import { created, destroyed, IMAGES, vm } from './vms.ts';

const host = useHost();

const NOWHERE = 'qemu+unix:///system?socket=/no/such';
const SYSTEM = 'qemu:///system';

/** Writes a settings file. @returns its path */
async function settings(values: object, file = 'plow.yaml'): Promise<string> {
  const path = join(host().files, file);
  await writeFile(path, stringify(values));
  return path;
}

/** XDG_CONFIG_HOME with a settings file of the user. */
async function userSettings(values: object): Promise<string> {
  await mkdir(join(host().files, 'xdg/plow'), { recursive: true });
  await settings(values, 'xdg/plow/config.yaml');
  return join(host().files, 'xdg');
}

describe('the hypervisor', () => {
  beforeAll(async () => {
    await settings({ connect: NOWHERE }, 'nowhere.yaml');
    await settings({ connect: SYSTEM }, 'system.yaml');
  });

  it.each([
    ['the settings file', ['--config', 'nowhere.yaml'], {}, 3],
    ['a variable before the settings file', ['--config', 'nowhere.yaml'], { PLOW_CONNECT: SYSTEM }, 0],
    [
      'LIBVIRT_DEFAULT_URI before the settings file',
      ['--config', 'nowhere.yaml'],
      { LIBVIRT_DEFAULT_URI: SYSTEM },
      0,
    ],
    ['a flag before all', ['--config', 'nowhere.yaml', '-c', SYSTEM], { PLOW_CONNECT: NOWHERE }, 0],
    ['the settings file before the default', ['--config', 'system.yaml'], { PLOW_CONNECT: '' }, 0],
  ])('is taken from %s', async (_, flags, env, code) => {
    const argv = flags.map((flag) => (flag.endsWith('.yaml') ? join(host().files, flag) : flag));
    expect(await host().plow(['list', ...argv], env)).toMatchObject({ code });
  });

  it('is taken from the file of --config, else that of PLOW_CONFIG, else that of the user', async () => {
    const [nowhere, system] = ['nowhere.yaml', 'system.yaml'].map((file) => join(host().files, file));
    const XDG_CONFIG_HOME = await userSettings({ connect: NOWHERE });
    const env = { XDG_CONFIG_HOME, PLOW_CONFIG: nowhere ?? '' };
    expect(await host().plow(['list', '--config', system ?? ''], env)).toMatchObject({ code: 0 });
    expect(await host().plow(['list'], { ...env, PLOW_CONFIG: system ?? '' })).toMatchObject({ code: 0 });
    expect(await host().plow(['list'], { XDG_CONFIG_HOME })).toMatchObject({ code: 3 });
  });

  it("is taken from the user's file alone, else from that of the system", async () => {
    const user = await userSettings({ virt_type: 'qemu' });
    // A copy of /etc, so that nothing outside this command sees the file.
    const script = `mount -t tmpfs none /mnt; cp -a /etc/. /mnt; mkdir -p /mnt/plow
      printf 'connect: test:///default\\nvirt_type: kvm\\n' > /mnt/plow/config.yaml; mount --bind /mnt /etc; exec "$@" config`;
    const inside = ['unshare', '--mount', 'sh', '-ec', script, 'sh', ...PLOW];
    const ofSystem = await host().exec(inside);
    expect(ofSystem.stdout).toMatch(/^config +default +\/etc\/plow\/config\.yaml$/mu);
    expect(ofSystem.stdout).toMatch(/^connect +\/etc\/plow\/config\.yaml:1:10 +test:\/\/\/default$/mu);
    const ofUser = await host().exec(inside, { env: { XDG_CONFIG_HOME: user } });
    expect(ofUser.stdout).toMatch(/^connect +default +qemu:\/\/\/system$/mu);
    expect(ofUser.stdout).toMatch(/^virt_type +\S+\/xdg\/plow\/config\.yaml:1:12 +qemu$/mu);
  });
});

describe("another user's settings file", () => {
  it('runs nothing of theirs for root: it counts only where it was named, and then for hosts alone', async () => {
    const program = join(host().files, 'evil.sh');
    const ran = join(host().files, 'ran');
    await writeFile(program, `#!/bin/sh\nid -u > ${ran}\n`, { mode: 0o755 });
    const connect = `qemu+ssh://root@localhost/system?command=${program}`;
    const XDG_CONFIG_HOME = await userSettings({ connect });
    const config = join(XDG_CONFIG_HOME, 'plow/config.yaml');
    await host().sh(`chown 1000 ${config}`);
    const theirs = 'belongs to uid 1000, and plow runs as root';
    expect(await host().plow(['list'], { XDG_CONFIG_HOME })).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: ${config} ${theirs}: give it with --config\n`,
    });
    expect(await host().plow(['list', '--config', config])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: ${config}:1:10: connect: a URI with parameters or +ext can name programs and keys, and the file ${theirs}: give the URI with --connect\n`,
    });
    for (const flags of [[], ['--config', config]])
      expect(await host().plow(['__complete', '--', ...flags, 'destroy', ''], { XDG_CONFIG_HOME })).toEqual({
        code: 0,
        stdout: '',
        stderr: '',
      });
    expect(await host().sh(`ls ${host().files}`)).not.toMatch(/^ran$/mu);
    // A file of root's own may name programs.
    await host().sh(`chown 0 ${config}`);
    expect(await host().plow(['list'], { XDG_CONFIG_HOME })).toMatchObject({ code: 3 });
    expect(await host().sh(`cat ${ran}`)).toBe('0');
  });
});

describe('a settings file', () => {
  it('fills in what a VM file leaves out, in create and validate alike', async () => {
    const config = await settings({
      storage_path: IMAGES,
      virt_type: 'qemu',
      defaults: {
        bridge: 'br0',
        gateways: { '10.77.0.0/24': '10.77.0.1' },
        dns_servers: ['10.77.0.1'],
        cpu_mode: 'host-model',
      },
    });
    const short = { network_interfaces: [{ ip: '10.77.0.50/24' }], virt_type: undefined };
    const file = await host().write(vm(short));
    expect(await host().plow(['validate', '--on-host', '--config', config, file])).toEqual({
      code: 0,
      stdout: '',
      stderr: '1 file: 1 valid\n',
    });
    expect(await host().plow(['create', '--config', config, file])).toEqual({
      code: 0,
      stdout: created('web'),
      stderr: '',
    });
    expect(await host().virsh('domiflist web')).toMatch(/ bridge +br0 /u);
    await host().discard('web');
  });

  it('is named where the hypervisor does not have what it says', async () => {
    const config = await settings({ defaults: { bridge: 'br9' } });
    const interfaces = [{ ip: '10.77.0.50/24', gateway: '10.77.0.1' }];
    const file = await host().write(vm({ network_interfaces: interfaces }));
    const { code, stderr } = await host().plow(['create', '--config', config, file]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `error: ${file}:8:5: network_interfaces[0].bridge (from ${config}:2:11): bridge 'br9' does not exist on the hypervisor; did you mean 'br0'? (there: br0, br1)\n`,
    );
  });

  it('with mistakes is refused before anything is done, whatever the command', async () => {
    const config = await settings({ conect: SYSTEM, defaults: { bridge: 7 } });
    for (const argv of [
      ['list'],
      ['destroy', 'web'],
      ['create', 'vm.yaml'],
      ['validate', 'vm.yaml'],
      ['config'],
    ]) {
      expect(await host().plow([...argv, '--config', config])).toEqual({
        code: 1,
        stdout: '',
        stderr: `error: ${config}:1:1: conect: unknown key; did you mean 'connect'?
error: ${config}:3:11: defaults.bridge: expected text, found the number 7 (put it in quotes)
`,
      });
    }
  });
});

describe('a VM', () => {
  it('is listed and destroyed where it was made, wherever the settings now say that VMs are made', async () => {
    await host().sh(`cd ${IMAGES}; mkdir -m 0711 a b; mkdir b/web; touch b/web/boot.qcow2`);
    const config = await settings({ storage_path: `${IMAGES}/b` });
    const file = await host().write(vm({ cloud_init: {} }));
    const made = await host().plow(['create', '--config', config, '--storage-path', `${IMAGES}/a`, file]);
    expect(made).toEqual({ code: 0, stdout: created('web', { seed: true }), stderr: '' });
    expect(await host().sh(`ls ${IMAGES}/a/web`)).toBe('boot.qcow2\ncloudinit.iso\nconsole.log');
    const listed = await host().plow(['list', '--config', config]);
    expect(listed.stdout).toContain('web        running   1      1 GiB   10.77.0.50\n');
    await host().virsh('destroy web');
    const env = { PLOW_STORAGE_PATH: `${IMAGES}/b` };
    expect(await host().plow(['destroy', 'web', '--config', config], env)).toEqual({
      code: 0,
      stdout: destroyed('web', { was: 'off' }),
      stderr: '',
    });
    // rmdir fails where something is left.
    await host().sh(`cd ${IMAGES}; rmdir a; rm b/web/boot.qcow2; rmdir b/web b`);
  });
});
