import { isImageName } from '../../../src/config/values/names.ts';
import type { GuestKind } from '../../../src/config/settle.ts';
import type { Machine } from '../../../src/config/machine.ts';
import { newKeyPairs } from '../../../src/cli/run/key-pairs.ts';
import { openSshKeys } from '../../../src/provision/host-keys/open-ssh.ts';
import type { HostKeys } from '../../../src/provision/host-keys/open-ssh.ts';
import { GIB } from '../../../src/text/units.ts';
import { poolXml, volumeXml } from '../../../src/libvirt-xml/write/storage.ts';
import { bootDiskFile } from '../../../src/config/vm-paths.ts';
import { planVm } from '../../../src/vm/create/plan.ts';
import type { VmPlan } from '../../../src/vm/create/plan.ts';

export const UUID = '12345678-1234-4234-8234-123456789abc';
const ORIGIN = {
  uuid: UUID,
  createdAt: new Date('2026-01-02T03:04:05Z'),
  version: '0.1.0',
  storagePath: '/srv/vms',
};

/** One set for all: making them takes longer than all else. */
const HOST_KEYS = openSshKeys(newKeyPairs());

/** Those that plow makes for a machine. */
export function hostKeysOf({ provisioning }: Machine): HostKeys | undefined {
  return provisioning?.sshHostKeys === true ? HOST_KEYS : undefined;
}

export type Schema = 'domain' | 'storagepool' | 'storagevol';

export interface XmlDocument {
  /** Undefined for a part of a document. */
  readonly schema: Schema | undefined;
  readonly text: string;
}

/** All that plow writes for a machine. */
export interface Documents {
  readonly machine: Machine;
  /** The domain document has a backing chain. */
  readonly overlay: boolean;
  /** What the VM runs as. */
  readonly kind: GuestKind;
  readonly xml: readonly XmlDocument[];
  /** Of a seed, or the config of Ignition, by name. */
  readonly seed: ReadonlyMap<string, Uint8Array>;
  readonly iso: Uint8Array | undefined;
}

/** As create has it once it looked for the image of a name. */
function withPath(machine: Machine): Machine {
  const { image } = machine.bootDisk;
  if (image === undefined || !isImageName(image)) return machine;
  return { ...machine, bootDisk: { ...machine.bootDisk, image: `/images/${image}` } };
}

/** @param overlay with the boot disk on its image, in emulation; else without, in kvm */
export function buildDocuments(named: Machine, overlay: boolean): Documents {
  const machine = withPath(named);
  const baseImage = overlay ? ({ format: 'qcow2' } as const) : undefined;
  const kind = { arch: 'x86_64', virtType: overlay ? 'qemu' : 'kvm' } as const;
  const plan = planVm(
    machine,
    { ...kind, baseImage, qemuUser: undefined },
    { ...ORIGIN, hostKeys: hostKeysOf(machine) },
  );
  const [boot] = plan.disks;
  return {
    machine,
    kind,
    overlay: overlay && boot?.from?.how === 'overlay',
    xml: xmlDocuments(machine, plan),
    seed: new Map(plan.seed?.files.map(({ name, bytes }) => [name, bytes])),
    iso: plan.seed?.format === 'cloud-init' ? plan.seed.bytes : undefined,
  };
}

function xmlDocuments({ bootDisk }: Machine, { name, domain, directory }: VmPlan): readonly XmlDocument[] {
  const { image, format, sizeGib } = bootDisk;
  const volume = { name: bootDiskFile(format), format, capacityBytes: sizeGib * GIB };
  const backing = image === undefined ? undefined : ({ path: image, format: 'raw' } as const);
  // As the pool for a look at the base image.
  const path = image?.slice(0, Math.max(1, image.lastIndexOf('/'))) ?? directory.path;
  return [
    { schema: 'domain', text: domain.reserved },
    { schema: 'storagepool', text: poolXml({ name: `plow-${name}`, uuid: UUID, path }) },
    { schema: 'storagevol', text: volumeXml({ ...volume, backing }) },
    { schema: undefined, text: domain.claimed },
  ];
}
