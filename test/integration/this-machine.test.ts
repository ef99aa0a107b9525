import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finished } from '../lab/lab.ts';
import { PLOW, useHost, VERSIONS } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const GUEST = { cloud_init: { root_password_hash: `$6$saltsalt$${'h'.repeat(86)}` } };

/** Where plow may run besides the hypervisor: all have its socket, and no image of its own. */
const NAMESPACES = {
  container: ['unshare', '--mount', '--net', '--pid', '--fork', '--mount-proc'],
  'container with the processes of the host': ['unshare', '--mount', '--net'],
};
/** The lab's socket is for the group root. */
const NO_ROOT = ['setpriv', '--reuid=65534', '--regid=0', '--clear-groups', '--inh-caps=-all'];

/** What doctor says of libvirt. */
const PLACE = /^- libvirt {7}not checked: (?<why>.*)$/mu;

function inContainer(namespaces: readonly string[], argv: readonly string[]): Promise<Finished> {
  const script = `mount -t tmpfs none ${IMAGES} && exec "$@"`;
  return host().exec([...namespaces, 'sh', '-c', script, 'sh', ...PLOW, ...argv]);
}

async function place(doctor: Promise<Finished>): Promise<string | undefined> {
  const { stdout } = await doctor;
  expect(stdout).toContain(`✓ libvirt       libvirt ${VERSIONS.libvirt}\n`);
  return PLACE.exec(stdout)?.groups?.['why'];
}

const CLAIM = "files and links, as plow does not run on the hypervisor's own machine: ";

describe.each(Object.entries(NAMESPACES))(
  'plow in a %s, with the socket of the hypervisor',
  (_, namespaces) => {
    it('says of no file that is there that it is missing', async () => {
      await host().given(vm(GUEST));
      const shown = await inContainer(namespaces, ['show', 'web']);
      const listed = await inContainer(namespaces, ['list', '--all', '-o', 'wide']);
      await host().discard('web');
      expect(shown).toMatchObject({ code: 0, stderr: '' });
      expect(shown.stdout).toContain(`${IMAGES}/web/cloudinit.iso`);
      expect(shown.stdout).not.toContain('missing');
      expect(listed).toMatchObject({ code: 0, stderr: '' });
    });

    it('does not look for the image of a dry run where the hypervisor has none of its files', async () => {
      const file = await host().write(vm(GUEST));
      const dry = await inContainer(namespaces, ['create', '--dry-run', file]);
      const validated = await inContainer(namespaces, ['validate', '--on-host', file]);
      for (const { code, stderr, stdout } of [dry, validated]) {
        expect({ code, said: `${stdout}${stderr}` }).toEqual({
          code: 0,
          said: expect.not.stringContaining('does not exist') as string,
        });
      }
      expect(dry.stderr).toContain('checks were not made (');
      expect(dry.stderr).not.toContain('all checks passed');
    });

    it('tells in doctor that files are not looked at, and why', async () => {
      const { stdout } = await inContainer(namespaces, ['doctor']);
      expect(stdout).toContain('- direct-io     not checked: ');
      expect(stdout).toContain('br0');
      expect(stdout).not.toContain('10.77.0.11');
      const why = namespaces.includes('--pid')
        ? "the process of libvirt's server is not to be seen from here"
        : "libvirt's server has other file systems (another mount namespace)";
      expect(await place(inContainer(namespaces, ['doctor']))).toBe(`${CLAIM}${why}`);
    });
  },
);

describe('the hypervisor of a plow', () => {
  it('is this machine, for root and for others', async () => {
    for (const who of [[], NO_ROOT]) {
      const { stdout } = await host().exec([...who, ...PLOW, 'doctor']);
      expect(stdout).not.toMatch(PLACE);
      expect(stdout).toContain('br0 (up0, 10.77.0.11/24)');
    }
  });

  it('is another one with another network, for root and for others', async () => {
    for (const who of [[], NO_ROOT]) {
      const seen = host().exec(['unshare', '--net', ...who, ...PLOW, 'doctor']);
      expect(await place(seen)).toBe(
        `${CLAIM}libvirt's server has another network (another network namespace)`,
      );
    }
  });

  it('is another one with other files, for root and for others', async () => {
    for (const who of [[], NO_ROOT]) {
      const seen = host().exec(['unshare', '--mount', ...who, ...PLOW, 'doctor']);
      expect(await place(seen)).toBe(
        `${CLAIM}libvirt's server has other file systems (another mount namespace)`,
      );
    }
  });

  it('is asked by no call more than before', async () => {
    const { stderr } = await host().plow(['--verbose', 'list']);
    const calls = [...stderr.matchAll(/ (?<call>vir\w+) /gu)].map(({ groups }) => groups?.['call']);
    expect(calls).toStrictEqual(['virConnectOpen', 'virConnectListAllDomains']);
  });

  it('may be another one behind what passes its socket on', async () => {
    const relay = join(host().files, 'relay.cjs');
    await writeFile(relay, RELAY);
    const script = `mkdir $0/real && mount --bind /run/libvirt $0/real && mount -t tmpfs none /run/libvirt
      ${process.execPath} ${relay} $0/real/libvirt-sock & until [ -e /run/libvirt/libvirt-sock ]; do :; done
      "$@"; kill $!; rm -f /run/libvirt/libvirt-sock; umount $0/real && rmdir $0/real`;
    const seen = host().exec(['unshare', '--mount', 'sh', '-c', script, host().files, ...PLOW, 'doctor']);
    expect(await place(seen)).toBe(
      "files and links, as plow may not run on the hypervisor's own machine: what listens at libvirt's socket is no server of libvirt",
    );
  });
});

const RELAY = `const { connect, createServer } = require('node:net');
createServer((client) => {
  const server = connect(process.argv[2]);
  client.pipe(server).pipe(client);
}).listen('/run/libvirt/libvirt-sock');
`;
