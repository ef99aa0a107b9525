import { create } from 'xmlbuilder2';
import { ARCHITECTURES } from '../../config/architectures.ts';
import type { DiskFormat, Machine } from '../../config/machine.ts';
import { settle } from '../../config/settle.ts';
import { IGNITION_FILE } from '../../config/vm-paths.ts';
import type { FwCfgFile } from '../../config/machine/extras.ts';
import type { GuestKind, SettledMachine } from '../../config/settle.ts';
import type { NewMetadata } from '../metadata/metadata.ts';
import { literal } from '../literal.ts';
import { NO_END } from '../metadata/end.ts';
import type { End } from '../metadata/end.ts';
import { addEnd, addMetadata } from '../metadata/write.ts';
import { bootOrders } from './devices/boot-order.ts';
import type { Element } from './devices/device.ts';
import { DEVICES } from './devices/devices.ts';
import { addFwCfg } from './extras/fw-cfg.ts';
import { addCpu, addMemory, addVcpus } from './layout/write.ts';
import type { CpuPlacement } from './layout/write.ts';

const MS_PER_MINUTE = 60_000;

/** Where and as what a machine runs: what its configuration does not say. */
export interface DomainPlacement extends GuestKind, CpuPlacement {
  /** Format of the base image, as libvirt found it; undefined without an overlay. */
  readonly backingFormat: DiskFormat | undefined;
  readonly metadata: NewMetadata;
  /** The hypervisor is this machine; undefined: it may be another. */
  readonly isHere?: boolean | undefined;
}

/** The domain document. https://libvirt.org/formatdomain.html */
export function domainXml(asked: Machine, placement: DomainPlacement): string {
  const machine = settle(asked, placement);
  const { features, hasBalloon } = ARCHITECTURES[machine.arch];
  const domain = create().ele('domain', { type: placement.virtType });
  domain.ele('name').txt(machine.name);
  domain.ele('uuid').txt(placement.metadata.uuid);
  if (machine.description !== undefined) domain.ele('description').txt(literal(machine.description));
  const metadata = domain.ele('metadata');
  addMetadata(metadata, placement.metadata);
  addEnd(metadata, placement.metadata.uuid, endOf(machine, placement.metadata));
  addMemory(domain, machine);
  addVcpus(domain, machine);
  if (machine.ioThreads !== undefined) domain.ele('iothreads').txt(String(machine.ioThreads));
  addFwCfg(domain, [...ignitionFiles(machine, placement.metadata), ...machine.fwCfg]);
  addOs(domain, machine);
  const featureList = domain.ele('features');
  for (const name of features) featureList.ele(name);
  addCpu(domain, machine, placement);
  domain.ele('clock', { offset: 'utc' });
  domain.ele('on_poweroff').txt('destroy');
  domain.ele('on_reboot').txt('restart');
  domain.ele('on_crash').txt(machine.onCrash);
  const devices = domain.ele('devices');
  const { arch, backingFormat, isHere } = placement;
  const { directory } = placement.metadata;
  for (const { write } of DEVICES) write(devices, machine, { arch, directory, backingFormat, isHere });
  if (!hasBalloon) devices.ele('memballoon', { model: 'virtio' });
  return domain.end({ headless: true, prettyPrint: true });
}

/** The config of Ignition, in the VM's directory. */
function ignitionFiles({ provisioning }: Machine, { directory }: NewMetadata): readonly FwCfgFile[] {
  if (provisioning?.format !== 'ignition') return [];
  return [{ name: provisioning.ignition.fwCfgName, file: `${directory}/${IGNITION_FILE}` }];
}

/** A lease begins when the VM is planned, which is when its metadata says that it was made. */
function endOf({ lifetimeMinutes }: Machine, { created }: NewMetadata): End {
  if (lifetimeMinutes === undefined) return NO_END;
  const end = Date.parse(created) + lifetimeMinutes * MS_PER_MINUTE;
  return { ...NO_END, expires: new Date(end).toISOString() };
}

/**
 * libvirt chooses the firmware files, whose paths differ between distributions. Secure Boot is off unless it
 * was asked for: with it, images whose boot loader is not signed stop at "Access Denied".
 */
function addOs(domain: Element, machine: SettledMachine): void {
  const { arch, firmware, machineType } = machine;
  const os = domain.ele('os', firmware === 'uefi' ? { firmware: 'efi' } : {});
  os.ele('type', { arch, machine: machineType }).txt('hvm');
  if (firmware === 'uefi') addFirmware(os, machine);
  // libvirt takes this or orders of devices, not both.
  if (!bootOrders(machine).areThere) os.ele('boot', { dev: 'hd' });
}

/** Without keys that are enrolled Secure Boot would let everything pass. */
function addFirmware(os: Element, { hasSecureBoot }: SettledMachine): void {
  const features = os.ele('firmware');
  const enabled = hasSecureBoot ? 'yes' : 'no';
  features.ele('feature', { enabled, name: 'secure-boot' });
  if (hasSecureBoot) features.ele('feature', { enabled, name: 'enrolled-keys' });
}
