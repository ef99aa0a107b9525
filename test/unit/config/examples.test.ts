import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { readMachineFile } from './read-machine.ts';

const FOLDER = fileURLToPath(new URL('../../../examples/', import.meta.url));

const FILES = [
  'app-vm',
  'arm64',
  'empty-disk-vm',
  'extras-vm',
  'install-vm',
  'metal3-vm',
  'multi-disk-vm',
  'multi-nic-vm',
  'network-boot-vm',
  'no-cloudinit-vm',
  'own-user-data-vm',
  'pinned-vm',
  'routed-vm',
  'simple-vm',
  'vnc-vm',
];

describe('the examples', () => {
  it('are all here', async () => {
    const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.yaml'));
    expect(files.toSorted()).toStrictEqual(FILES.map((name) => `${name}.yaml`));
  });

  it.each(FILES)('of which %s loads without a warning and has its own name', async (name) => {
    const { machine, warnings } = await readMachineFile(`${FOLDER}${name}.yaml`, { virtType: undefined });
    expect(warnings).toStrictEqual([]);
    expect(machine.name).toBe(name);
  });

  it('can all run side by side', async () => {
    const loaded = await Promise.all(
      FILES.map((name) => readMachineFile(`${FOLDER}${name}.yaml`, { virtType: undefined })),
    );
    const addresses = loaded.flatMap(({ machine }) => machine.interfaces.map(({ address }) => address));
    expect(new Set(addresses).size).toBe(addresses.length);
  });
});
