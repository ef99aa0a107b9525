import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { writeIso } from '../../../../src/iso9660/write-iso.ts';
import { SEED_VOLUME_ID } from '../../../../src/provision/cloud-init/seed-files.ts';
import { SEEDS } from '../../../fixtures/ansible/seeds.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { exported } from './vms.ts';

const IMAGES = '/var/lib/libvirt/images';
const DISK = `qcow2 ${20 * 2 ** 30}`;
const FIXTURES = new URL('../../../fixtures/ansible/', import.meta.url);

function isoOf(volumeId: string, files: Readonly<Record<string, string>>): Uint8Array {
  return writeIso({
    volumeId,
    files: Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
    createdAt: new Date('2025-01-02T03:04:05Z'),
  });
}

/** A hypervisor with a VM as the role made it, and libvirt keeps it. */
async function contextOf(name: string): Promise<TestContext> {
  const document = await readFile(new URL(`${name}.xml`, FIXTURES), 'utf8');
  const xml = document.replace("<type arch='x86_64'>", "<type arch='x86_64' machine='pc'>");
  const context = testContext({ storagePath: IMAGES });
  const { hypervisor } = context;
  hypervisor.addDomain(name, xml, 'shut off');
  const files = [...xml.matchAll(/disk_vd[a-z]\.qcow2/gu)].map(([file]) => [file, DISK] as const);
  const seed = SEEDS[name];
  const iso = seed && isoOf(SEED_VOLUME_ID, seed);
  hypervisor.contents.set(`${IMAGES}/install.iso`, isoOf('INSTALL', { readme: 'an installer' }));
  const seedFile = `${name}-cloudinit.iso`;
  if (iso !== undefined) hypervisor.contents.set(`${IMAGES}/${name}/${seedFile}`, iso);
  hypervisor.directories.set(
    `${IMAGES}/${name}`,
    new Map([...files, ...(iso === undefined ? [] : ([[seedFile, `raw ${iso.length}`]] as const))]),
  );
  if (name !== 'metal3-1') hypervisor.backing.set(`${IMAGES}/${name}/disk_vda.qcow2`, `${IMAGES}/base.qcow2`);
  hypervisor.directories.set(
    IMAGES,
    new Map([
      ['base.qcow2', DISK],
      ['install.iso', 'raw 4096'],
    ]),
  );
  return context;
}

/** What plow has no words for, and means not to. */
const REST = `# plow gives every VM what this one has not: a channel for the guest agent
# Not in this file, as plow has no words for it:
# - os bios
# - features pae
# - clock timer (rtc catchup)
# - clock timer (pit delay)
# - clock timer (hpet)`;

const KEYS = "they were for the image's own user; plow's are root's";
const ROOT = 'root_password_hash: there is one in the seed; --show-secrets writes it';

describe('a VM of the Ansible role is exported as a whole file, but for timers, pae and useserial', () => {
  it.each([
    ['master-1', [KEYS, ROOT]],
    [
      'br250-vm101',
      [KEYS, ROOT, 'whether there is a password libvirt does not show: write one into this file'],
    ],
    ['okd-1', ['it has a video card, and no VNC; plow has both or none']],
    ['master-1.capi-1.example.org', [KEYS, ROOT]],
    [
      'metal3-1',
      [
        'the disk is a whole one, and what it was made from is not known: a create makes an empty one',
        'ip: 10.77.0.72/ as the MAC address tells; the prefix length is needed, and nothing tells it',
        'gateway: is needed, and nothing tells it',
      ],
      ['network_interfaces[0].ip', 'network_interfaces[0].gateway'],
    ],
  ])('%s', async (name, remarks, missing: readonly string[] = []) => {
    const { text, checked } = await exported(await contextOf(name), name, { showSecrets: false });
    expect(text.slice(text.indexOf('\n# plow gives') + 1)).toBe(REST);
    const found = [...text.matchAll(/^ *# (?!plow gives|Not in|- |exported)(?<words>.*)$/gmu)];
    const words = found.map(({ groups }) => groups?.['words'] ?? '');
    expect(words.toSorted()).toStrictEqual(remarks.toSorted());
    const errors = checked.diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ key }) => key)).toStrictEqual(missing);
    expect(text).toMatch(new RegExp(`^name: ${name}$`, 'mu'));
    await expect(`${text}\n`).toMatchFileSnapshot(`../../../fixtures/ansible/${name}.yaml`);
  });
});
