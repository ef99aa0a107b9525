import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { asDeclared } from '../../../../src/config/settle.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { readMachineFile } from '../../config/read-machine.ts';

const FOLDER = fileURLToPath(new URL('../../../../examples/', import.meta.url));
const DOCUMENTS = fileURLToPath(new URL('../../../fixtures/domains/', import.meta.url));
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));

it.each(FILES)('the domain document of examples/%s is the one that is kept', async (file) => {
  const { machine } = await readMachineFile(FOLDER + file, { virtType: undefined });
  const kind = {
    arch: machine.arch ?? 'x86_64',
    virtType: machine.arch === undefined ? 'kvm' : 'qemu',
  } as const;
  const metadata = {
    status: 'ready',
    uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
    version: '0.1.0',
    created: '2025-01-02T03:04:05.000Z',
    directory: `/var/lib/libvirt/images/${machine.name}`,
    stored: toStored(asDeclared(machine, kind)),
  } as const;
  const document = domainXml(machine, { ...kind, backingFormat: 'qcow2', metadata });
  await expect(`${document}\n`).toMatchFileSnapshot(`${DOCUMENTS}${machine.name}.xml`);
});
