import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA you@workstation';
const HASH = `$6$saltsalt$${'aB3'.repeat(28)}xy`;
const CONFIG = `${IMAGES}/web/config.ign`;

const GUEST = {
  format: 'ignition',
  fqdn: 'web.example.com',
  ssh_keys: [KEY],
  root_password_hash: HASH,
  ssh_pwauth: true,
  users: [{ name: 'ann', groups: ['adm'], shell: '/bin/sh', sudo: true, ssh_keys: [KEY] }],
  write_files: [{ path: '/srv/hers.txt', content: '100 %, "ä"\n', owner: 'ann:adm', permissions: '0640' }],
  runcmd: [['echo', "it's", 'done'], 'date > /run/when'],
  timezone: 'Europe/Vienna',
  console_autologin: 'root',
};

const NETWORK = {
  network_interfaces: [
    { ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0', dns_servers: ['1.1.1.1', '9.9.9.9'] },
    { ip: '10.78.0.50/24', gateway: '10.78.0.1', bridge: 'br1', mtu: 1400 },
  ],
};

afterEach(async () => {
  for (const name of ['web', 'web-2'])
    await host().plow(['destroy', '--yes', '--force', '--if-exists', name]);
});

/**
 * Runs the program of Debian's package on a directory, as a guest's initramfs does. It wants SELinux's
 * setfiles, and users to begin with.
 */
const JUDGE = `
mkdir -p $R/etc/selinux $R/srv $R.bin; mkdir -m 0700 $R/root; cp /etc/login.defs $R/etc/
printf 'root:x:0:0:root:/root:/bin/sh\\n' > $R/etc/passwd
printf 'root:*:19000::::::\\n' > $R/etc/shadow
printf 'root:x:0:\\nadm:x:4:\\n' > $R/etc/group
printf 'root:*::\\nadm:*::\\n' > $R/etc/gshadow
echo SELINUXTYPE=none > $R/etc/selinux/config
printf '#!/bin/sh\\n' > $R.bin/setfiles; chmod 755 $R.bin/setfiles
for stage in fetch-offline files; do
  PATH=$R.bin:$PATH IGNITION_CONFIG_FILE=$C /usr/lib/dracut/modules.d/30ignition/ignition --platform=file \\
    --root=$R --stage=$stage --config-cache=$R.cache --state-file=$R.state --log-to-stdout > $R.log 2>&1 ||
    { tail -3 $R.log >&2; exit 1; }
done`;

/** The directory of a guest that has read the config of a VM. */
async function guestOf(config: string): Promise<string> {
  const root = join(host().files, 'guest');
  // Keys are written as the users to whom they are.
  await host().sh(`chmod 711 ${host().files}; rm -rf ${root}*; R=${root} C=${config}; ${JUDGE}`);
  return root;
}

/** Mode, owner and path of what Ignition made, where links lead. */
async function treeOf(root: string): Promise<readonly string[]> {
  const found = await host().sh(`cd ${root}; find . ! -type d -printf '%m %U:%G %P %l\\n' | LC_ALL=C sort -k 3
    find . -type d -name .ssh -printf '%m %U:%G %P\\n' | LC_ALL=C sort -k 3`);
  const base = /etc\/(?:passwd|shadow|group|gshadow)-?$|login\.defs|selinux|\.ignition-result\.json/u;
  return found
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !base.test(line));
}

const text = (root: string, file: string): Promise<string> => readFile(join(root, file), 'utf8');

it('there is a judge', async () => {
  const bad = join(host().files, 'bad.ign');
  await writeFile(
    bad,
    '{"ignition":{"version":"3.0.0"},"passwd":{"users":[{"name":"a","groups":["nobody-s"]}]}}',
  );
  await expect(guestOf(bad)).rejects.toThrow(/group 'nobody-s' does not exist/u);
});

describe('the guest of a VM with an Ignition config', () => {
  it('has all that its file says, by the program that reads it there', async () => {
    const { stderr } = await host().create(vm({ ...NETWORK, provisioning: GUEST }));
    expect(stderr).toMatch(/^warning: [^\n]*console_autologin[^\n]*\n$/u);
    const root = await guestOf(CONFIG);
    expect(await treeOf(root)).toStrictEqual([
      '600 0:0 etc/.pwd.lock',
      '600 0:0 etc/NetworkManager/system-connections/eth0.nmconnection',
      '600 0:0 etc/NetworkManager/system-connections/eth1.nmconnection',
      '644 0:0 etc/hostname',
      '777 0:0 etc/localtime ../usr/share/zoneinfo/Europe/Vienna',
      '700 0:0 etc/plow/runcmd.sh',
      '600 0:0 etc/ssh/ssh_host_ecdsa_key',
      '644 0:0 etc/ssh/ssh_host_ecdsa_key.pub',
      '600 0:0 etc/ssh/ssh_host_ed25519_key',
      '644 0:0 etc/ssh/ssh_host_ed25519_key.pub',
      '600 0:0 etc/ssh/sshd_config.d/05-plow.conf',
      '440 0:0 etc/sudoers.d/plow-ann',
      '644 0:0 etc/systemd/system-preset/20-ignition.preset',
      '644 0:0 etc/systemd/system/plow-runcmd.service',
      '644 0:0 etc/systemd/system/serial-getty@.service.d/plow-autologin.conf',
      '600 1001:1001 home/ann/.ssh/authorized_keys.d/ignition',
      '600 1000:1000 home/core/.ssh/authorized_keys.d/ignition',
      '640 1001:4 srv/hers.txt',
      '700 1001:1001 home/ann/.ssh',
      '700 1000:1000 home/core/.ssh',
    ]);
    expect(await text(root, 'etc/systemd/system-preset/20-ignition.preset')).toContain(
      'enable plow-runcmd.service',
    );
    expect(await text(root, 'etc/plow/runcmd.sh')).toContain(String.raw`'echo' 'it'\''s' 'done'`);
    expect(await text(root, 'etc/NetworkManager/system-connections/eth1.nmconnection')).toContain(
      'mac-address=be:ef:0a:4e:00:32\nmtu=1400\n',
    );
    expect(await text(root, 'etc/hostname')).toBe('web.example.com\n');
    expect(await text(root, 'srv/hers.txt')).toBe('100 %, "ä"\n');
    expect(await text(root, 'etc/sudoers.d/plow-ann')).toBe('ann ALL=(ALL) NOPASSWD:ALL\n');
    expect(await text(root, 'etc/ssh/sshd_config.d/05-plow.conf')).toBe('PasswordAuthentication yes\n');
    expect(await text(root, 'etc/shadow')).toContain(`root:${HASH}:`);
    expect(await text(root, 'etc/passwd')).toMatch(/^ann:x:\d+:\d+:[^:]*:\/home\/ann:\/bin\/sh$/mu);
    expect(await text(root, 'etc/group')).toMatch(/^adm:x:4:ann$/mu);
  });

  it('has the network by networkd, where that is said', async () => {
    await host().given(vm({ ...NETWORK, provisioning: { format: 'ignition', network: 'networkd' } }));
    const root = await guestOf(CONFIG);
    const tree = await treeOf(root);
    expect(tree.filter((line) => /systemd|NetworkManager/u.test(line))).toStrictEqual([
      '644 0:0 etc/systemd/network/10-eth0.network',
      '644 0:0 etc/systemd/network/10-eth1.network',
    ]);
  });

  it('has what a config of its own says last', async () => {
    const own = {
      ignition: { version: '3.2.0' },
      passwd: { users: [{ name: 'core', groups: ['adm'] }] },
      storage: {
        files: [
          { path: '/etc/hostname', overwrite: true, mode: 0o600, contents: { source: 'data:,mine%0A' } },
          // Long, so that it is merged packed.
          { path: '/srv/long', contents: { source: `data:,${'x'.repeat(9000)}` } },
        ],
      },
    };
    await writeFile(join(host().files, 'node.ign'), JSON.stringify(own));
    const provisioning = { format: 'ignition', ssh_keys: [KEY], ignition: { config: 'node.ign' } };
    const { code, stderr } = await host().create(vm({ provisioning }));
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /note: [^\n]*provisioning\.ignition\.config: it has the last word [^\n]*\/etc\/hostname/u,
    );
    const root = await guestOf(CONFIG);
    expect(await text(root, 'etc/hostname')).toBe('mine\n');
    expect((await text(root, 'srv/long')).length).toBe(9000);
    expect(await text(root, 'etc/group')).toMatch(/^adm:x:4:core$/mu);
    expect(await treeOf(root)).toContain('600 0:0 etc/hostname');
    expect(await host().sh(`cat ${root}/home/core/.ssh/authorized_keys.d/ignition`)).toContain(KEY);
  });

  it('has a config of its own alone, byte for byte, where nothing else is said', async () => {
    const own =
      '{ "ignition": {"version": "3.0.0"},\n "storage": {"links": [{"path": "/a", "target": "/b"}]} }\n\n';
    await writeFile(join(host().files, 'node.ign'), own);
    const { code } = await host().create(
      vm({ provisioning: { format: 'ignition', ignition: { config: 'node.ign' } } }),
    );
    expect(code).toBe(0);
    expect(await host().sh(`base64 -w 0 ${CONFIG}`)).toBe(Buffer.from(own).toString('base64'));
    expect(await treeOf(await guestOf(CONFIG))).toStrictEqual(['777 0:0 a /b']);
  });
});

const stat = (file: string): Promise<string> => host().sh(`stat -c %u:%g:%a ${file}`);

describe('config.ign', () => {
  it('is of root alone but while the VM runs, allowed by AppArmor, and gone with the VM', async () => {
    await host().given(vm({ provisioning: { format: 'ignition', root_password_hash: HASH } }));
    expect(await stat(CONFIG)).toBe('64055:64055:600');
    expect((await host().plow(['stop', '--force', 'web'])).code).toBe(0);
    expect(await stat(CONFIG)).toBe('0:0:600');
    const xml = await host().sh('virsh dumpxml --inactive web');
    const uuid = await host().sh('virsh domuuid web');
    expect(xml).not.toContain(HASH.slice(20, 60));
    const helper = `/usr/lib/libvirt/virt-aa-helper --dryrun -r -u libvirt-${uuid} 2>&1`;
    expect(await host().sh(helper, xml)).toContain(`  "${CONFIG}" r,`);
    expect(await host().sh(helper, xml.replace(/<sysinfo[^]*<\/sysinfo>/u, ''))).not.toContain(CONFIG);
    expect((await host().plow(['start', 'web'])).code).toBe(0);
    expect(await stat(CONFIG)).toBe('64055:64055:600');
    const shown = await host().plow(['show', 'web']);
    expect(shown.stdout).toMatch(
      /^Ignition: +\S+\/web\/config\.ign \(there\), by opt\/com\.coreos\/config$/mu,
    );
    expect((await host().plow(['destroy', '--yes', '--force', 'web'])).code).toBe(0);
    expect(await host().sh(`ls ${IMAGES}`)).not.toContain('web');
  });

  it('is told where it is gone, by show and by what start says', async () => {
    await host().given(vm({ provisioning: { format: 'ignition' } }));
    await host().sh(`virsh destroy web; rm ${CONFIG}`);
    expect((await host().plow(['show', 'web'])).stdout).toContain(
      `cannot start: ${CONFIG} (for Ignition) is missing`,
    );
    const started = await host().plow(['start', 'web']);
    expect(started.code).toBe(4);
    expect(started.stderr).toContain(CONFIG);
    expect((await host().plow(['destroy', '--yes', 'web'])).code).toBe(0);
  });

  it('is not made where the storage path has a comma, which is said before anything is made', async () => {
    const path = `${IMAGES}/a,b`;
    await host().sh(`mkdir -m 0711 ${path}`);
    const file = await host().write(vm({ provisioning: { format: 'ignition' } }));
    const { code, stderr } = await host().plow(['create', '--storage-path', path, file]);
    expect(code).toBe(5);
    expect(stderr).toContain(`the storage path ${path} has a comma`);
    expect(await host().sh(`ls -A ${path}; rmdir ${path}`)).toBe('');
  });

  it('is shown without its hash by a dry run, as a document too', async () => {
    const file = await host().write(vm({ provisioning: { format: 'ignition', root_password_hash: HASH } }));
    for (const how of [[], ['-o', 'json']]) {
      const { code, stdout, stderr } = await host().plow(['create', '--dry-run', ...how, file]);
      expect(code).toBe(0);
      expect(stdout).toContain('config.ign');
      expect(`${stdout}${stderr}`).not.toContain('saltsalt');
    }
    expect((await host().plow(['create', '--dry-run', '--show-secrets', file])).stdout).toContain(HASH);
  });
});

describe('other commands', () => {
  it('clone makes no other guest of one, and says why; with --keep-identity it is the same one', async () => {
    await host().given(vm({ provisioning: { format: 'ignition', fqdn: 'web.example.com' } }));
    expect((await host().plow(['stop', '--force', 'web'])).code).toBe(0);
    const argv = ['clone', 'web', 'web-2', '--ip', '10.77.0.51/24'];
    const refused = await host().plow(argv);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('Ignition acts at the first boot of a disk alone');
    expect(await host().sh(`ls ${IMAGES}`)).not.toContain('web-2');
    const kept = await host().plow([...argv, '--keep-identity']);
    expect(kept).toMatchObject({ code: 0 });
    expect(await stat(`${IMAGES}/web-2/config.ign`)).toBe('0:0:600');
    expect(await host().sh('virsh dumpxml web-2')).toContain(`${IMAGES}/web-2/config.ign`);
    expect(await host().sh('virsh dumpxml web-2')).not.toContain(`${IMAGES}/web/config.ign`);
  });

  it('wait refuses to wait for cloud-init, at once', async () => {
    await host().given(vm({ provisioning: { format: 'ignition' } }));
    const { code, stderr } = await host().plow(['wait', '--for', 'cloud-init', '--timeout', '10m', 'web']);
    expect(code).toBe(4);
    expect(stderr).toContain('it is Ignition that sets up its guest');
    expect(stderr).toContain('plow wait web --for ssh');
  });
});
