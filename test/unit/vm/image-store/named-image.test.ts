import { describe, expect, it } from 'vitest';
import type { ConfigPath, LoadedMachine } from '../../../../src/config/machine.ts';
import { withNamedImage } from '../../../../src/vm/image-store/named-image.ts';
import { bootDisk, cloudInit, loaded, minimalMachine } from '../../machines.ts';
import { thrownBy } from '../each-call.ts';
import { hostWithImages, pathOf, RECORD } from './records.ts';

/** Of a file that says only these keys of those that an image may need. */
function of(image: string, ...said: readonly string[]): LoadedMachine {
  const machine = minimalMachine({
    bootDisk: bootDisk({ image }),
    provisioning: cloudInit(),
    firmware: 'uefi',
  });
  return { ...loaded(machine), isSaid: (path: ConfigPath) => said.includes(path.join('.')) };
}

/** With a drive, too. */
function withDrive(disk: string, image: string): LoadedMachine {
  const file = of(disk);
  return { ...file, machine: { ...file.machine, cdrom: { image, bus: undefined } } };
}

const NEEDS = { provisioning: 'cloud-init', firmware: 'bios', seedBus: 'virtio' } as const;
const KNOWN = {
  name: 'debian',
  version: '20260101-1',
  digest: RECORD.content,
  path: pathOf(RECORD),
  needs: NEEDS,
};

describe('the image of a VM file', () => {
  it.each(['debian', 'debian@20260101-1', `sha256:${'a'.repeat(64)}`, pathOf(RECORD)])(
    'is known by its record: %s',
    async (image) => {
      const { machine } = await withNamedImage(of(image), hostWithImages({ needs: NEEDS }));
      expect(machine.bootDisk).toMatchObject({ image: pathOf(RECORD), known: KNOWN });
      expect(machine).toMatchObject({ firmware: 'bios', provisioning: { bus: 'virtio' } });
    },
  );

  it('leaves what the file says as it is', async () => {
    const said = of('debian', 'firmware', 'cloud_init.bus');
    const { machine } = await withNamedImage(said, hostWithImages({ needs: NEEDS }));
    expect(machine).toMatchObject({ firmware: 'uefi', provisioning: { bus: 'scsi' } });
  });

  it('costs no call where it is a path that no image was pulled to', async () => {
    const context = hostWithImages({});
    const file = of('/images/base.qcow2');
    expect(await withNamedImage(file, context)).toBe(file);
    expect(context.hypervisor.calls).toStrictEqual([]);
  });

  it.each([
    ['a path without a record', `${pathOf(RECORD)}2`, {}],
    ['one that is being pulled', pathOf(RECORD), { status: 'pulling' }],
  ] as const)('is nothing but its path: %s', async (_, image, record) => {
    const file = of(image);
    expect(await withNamedImage(file, hostWithImages(record))).toBe(file);
  });

  it('is found for the drive as it is for the disk, and each is a mistake at its own key', async () => {
    const iso = { name: 'netinst', format: 'iso' } as const;
    const context = hostWithImages({}, iso);
    const { machine } = await withNamedImage(withDrive('debian', 'netinst'), context);
    expect(machine).toMatchObject({
      bootDisk: { image: pathOf(RECORD) },
      cdrom: { image: pathOf({ ...RECORD, ...iso }) },
    });
    const error = await thrownBy(withNamedImage(withDrive('debain', 'netints'), context));
    expect(String(error)).toContain('boot_disk.image: there is no image debain on the hypervisor');
    expect(String(error)).toContain('cdrom.image: there is no image netints on the hypervisor');
  });

  it('is a mistake at its key where it is not there', async () => {
    const error = await thrownBy(withNamedImage(of('debain'), hostWithImages({})));
    expect(String(error)).toContain('boot_disk.image: there is no image debain on the hypervisor');
  });
});
