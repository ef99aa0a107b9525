import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { readMachineFiles } from '../../../src/config/vm-file/load.ts';
import { readMachineFile } from './read-machine.ts';

const FOLDER = fileURLToPath(new URL('../../../examples/', import.meta.url));

const FILES = [
  'app-vm',
  'arm64',
  'derived-vm',
  'empty-disk-vm',
  'extras-vm',
  'ignition-vm',
  'install-vm',
  'metal3-vm',
  'multi-disk-vm',
  'multi-nic-vm',
  'network-boot-vm',
  'no-cloudinit-vm',
  'own-user-data-vm',
  'pinned-vm',
  'routed-vm',
  'share-vm',
  'simple-vm',
  'vnc-vm',
];

/** What is allowed, and worth a word each time. */
const WARNED: Readonly<Record<string, readonly string[]>> = {
  'share-vm': [
    'shares[0].source: root of the guest writes there as root of the hypervisor, programs that run as root (setuid) and device files too',
  ],
};

describe('the examples', () => {
  it('are all here', async () => {
    const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.yaml'));
    expect(files.toSorted()).toStrictEqual(FILES.map((name) => `${name}.yaml`));
  });

  it.each(FILES)(
    'of which %s loads, without a warning but where it is to warn, and has its own name',
    async (name) => {
      const { machine, warnings } = await readMachineFile(`${FOLDER}${name}.yaml`, { virtType: undefined });
      const words = warnings.map((one) => one.replace(/^\S+: /u, ''));
      expect(words).toStrictEqual(WARNED[name] ?? []);
      expect(machine.name).toBe(name);
    },
  );

  it('have a VM for each row of a table', async () => {
    const loaded = await readMachineFiles([`${FOLDER}rows/web.yaml`], { virtType: undefined });
    expect(
      loaded.map(({ machine }) => `${machine.name} ${machine.vcpus} ${machine.tags.join()}`),
    ).toStrictEqual(['web-a 2 web,prod', 'web-b 4 web,prod', 'web-test 1 web,test']);
    expect(loaded.flatMap(({ warnings }) => warnings)).toStrictEqual([]);
  });

  it('can all run side by side', async () => {
    const files = [...FILES, 'rows/web'].map((name) => `${FOLDER}${name}.yaml`);
    const loaded = await readMachineFiles(files, { virtType: undefined });
    const addresses = loaded.flatMap(({ machine }) => machine.interfaces.map(({ address }) => address));
    expect(new Set(addresses).size).toBe(addresses.length);
  });
});
