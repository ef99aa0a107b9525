import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA you@workstation';
const HASH = `$6$salt$${'x'.repeat(86)}`;

const CONFIG = vm({
  network_interfaces: [
    { ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0', dns_servers: ['1.1.1.1', '9.9.9.9'] },
    { ip: '10.78.0.50/24', gateway: '10.78.0.1', bridge: 'br1' },
  ],
  cloud_init: { fqdn: 'Web.Example.com', ssh_keys: [KEY], root_password_hash: HASH, ssh_pwauth: true },
});

/** Creates the VM, reads the volume back through libvirt, and gives the path of the copy. */
async function downloadSeed(): Promise<string> {
  await host().given(CONFIG);
  const copy = join(host().files, 'seed.iso');
  await host().virsh(`pool-create-as seeds dir --target ${IMAGES}/web`);
  await host().virsh(`vol-download --pool seeds cloudinit.iso ${copy}`);
  const volume = await host().virsh('vol-info --bytes --pool seeds cloudinit.iso');
  await host().virsh('pool-destroy seeds');
  const size = (await readFile(copy)).length;
  expect(volume).toMatch(new RegExp(`^Capacity: +${size} bytes$`, 'mu'));
  expect(size % 2048).toBe(0);
  return copy;
}

const PRIVATE_KEY = /^-----BEGIN OPENSSH PRIVATE KEY-----\n[^]+\n-----END OPENSSH PRIVATE KEY-----\n$/u;

describe('the seed, read back from its volume', () => {
  it('is a cidata volume with Joliet and Rock Ridge names that isoinfo lists and xorriso finds sound', async () => {
    const iso = await downloadSeed();
    const header = await host().sh(`isoinfo -d -i ${iso}`);
    expect(header).toMatch(/^Volume id: cidata$/mu);
    expect(header).toMatch(/^Joliet with UCS level \d found/mu);
    expect(header).toMatch(/^Rock Ridge signatures version 1 found/mu);
    for (const extension of ['-J', '-R']) {
      const names = await host().sh(`isoinfo ${extension} -f -i ${iso} | sort`);
      expect(names).toBe('/meta-data\n/network-config\n/user-data');
    }
    const checked = await host().exec(['xorriso', '-indev', iso, '-check_media', '--', '-lsl', '--']);
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.stderr).not.toMatch(/FAILURE|WARNING|SORRY/u);
    await host().discard('web');
  });

  it('holds the three files that the configuration asks for', async () => {
    const iso = await downloadSeed();
    const text = (file: string): Promise<string> => host().sh(`isoinfo -R -x /${file} -i ${iso}`);
    const userData = await text('user-data');
    expect(userData.split('\n')[0]).toBe('#cloud-config');
    expect(parse(userData)).toEqual({
      hostname: 'web',
      fqdn: 'web.example.com',
      manage_etc_hosts: 'localhost',
      disable_root: false,
      users: [{ name: 'root', lock_passwd: false, ssh_authorized_keys: [KEY] }],
      chpasswd: { users: [{ name: 'root', password: HASH, type: 'hash' }], expire: false },
      ssh_pwauth: true,
      ssh_deletekeys: true,
      ssh_keys: {
        ed25519_private: expect.stringMatching(PRIVATE_KEY) as unknown,
        ed25519_public: expect.stringMatching(/^ssh-ed25519 \S+ made-by-plow$/u) as unknown,
        ecdsa_private: expect.stringMatching(PRIVATE_KEY) as unknown,
        ecdsa_public: expect.stringMatching(/^ecdsa-sha2-nistp256 \S+ made-by-plow$/u) as unknown,
      },
    });
    expect(await text('meta-data')).toMatch(/^instance-id: web-\d{10}\nlocal-hostname: web$/u);
    expect(parse(await text('network-config'))).toEqual({
      version: 2,
      ethernets: {
        eth0: {
          match: { macaddress: 'be:ef:0a:4d:00:32' },
          'set-name': 'eth0',
          addresses: ['10.77.0.50/24'],
          routes: [{ to: '0.0.0.0/0', via: '10.77.0.1' }],
          nameservers: { addresses: ['1.1.1.1', '9.9.9.9'] },
        },
        eth1: {
          match: { macaddress: 'be:ef:0a:4e:00:32' },
          'set-name': 'eth1',
          addresses: ['10.78.0.50/24'],
        },
      },
    });
    await host().discard('web');
  });
});
