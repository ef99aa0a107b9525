import { parseXml } from './parse.ts';
import type { XmlElement } from './parse.ts';

/** What QEMU can do for a machine of one kind. https://libvirt.org/formatdomaincaps.html */
export interface DomainCapabilities {
  /** `efi`, `bios`: what libvirt finds by itself. */
  readonly firmware: readonly string[];
  /** Whether each mode that this libvirt knows can be had; empty where it says nothing of any. */
  readonly cpuModes: ReadonlyMap<string, boolean>;
  /** A firmware that starts nothing unsigned; undefined: libvirt does not say. */
  readonly hasSecureFirmware: boolean | undefined;
  /** A TPM 2.0 that swtpm plays; undefined: libvirt does not say, as versions before 8.6 of the 2.0. */
  readonly hasEmulatedTpm: boolean | undefined;
  /** Directories of the hypervisor for guests; undefined: libvirt does not say, as versions before 7.1. */
  readonly hasVirtiofs: boolean | undefined;
  /** Screens over VNC; undefined: libvirt does not say. */
  readonly hasVnc: boolean | undefined;
  /** Models of the mode `custom`, and whether the host has what each needs; undefined: it does not say. */
  readonly cpuModels: ReadonlyMap<string, boolean | undefined>;
}

export function readDomainCapabilities(document: string): DomainCapabilities {
  const root = parseXml(document);
  const firmware = root.all('os', 'enum').filter((one) => one.attribute('name') === 'firmware');
  return {
    firmware: firmware.flatMap((one) => one.children('value').map((value) => value.text())),
    cpuModels: readModels(root),
    cpuModes: new Map(
      root
        .all('cpu', 'mode')
        .map((mode) => [mode.attribute('name') ?? '', mode.attribute('supported') === 'yes'] as const),
    ),
    hasSecureFirmware: valuesOf(root.first('os', 'loader'), 'secure')?.includes('yes'),
    hasVirtiofs: valuesOf(root.first('devices', 'filesystem'), 'driverType')?.includes('virtiofs'),
    hasEmulatedTpm: hasEmulatedTpm(root.first('devices', 'tpm')),
    hasVnc: hasVnc(root.first('devices', 'graphics')),
  };
}

/** A QEMU that shows nothing at all says so of all kinds. */
function hasVnc(graphics: XmlElement | undefined): boolean | undefined {
  if (graphics?.attribute('supported') === 'no') return false;
  return valuesOf(graphics, 'type')?.includes('vnc');
}

function hasEmulatedTpm(tpm: XmlElement | undefined): boolean | undefined {
  if (tpm === undefined) return undefined;
  if (tpm.attribute('supported') !== 'yes') return false;
  const versions = valuesOf(tpm, 'backendVersion');
  const isEmulated = valuesOf(tpm, 'backendModel')?.includes('emulator') === true;
  return isEmulated && (versions === undefined || versions.includes('2.0'));
}

/** Undefined where there is no such list. */
function valuesOf(element: XmlElement | undefined, name: string): readonly string[] | undefined {
  const list = element?.children('enum').find((one) => one.attribute('name') === name);
  return list?.children('value').map((value) => value.text());
}

const USABLE: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['no', false],
]);

function readModels(root: XmlElement): DomainCapabilities['cpuModels'] {
  const custom = root.all('cpu', 'mode').find((mode) => mode.attribute('name') === 'custom');
  return new Map(
    (custom?.children('model') ?? []).map((model) => [
      model.text().trim(),
      USABLE.get(model.attribute('usable') ?? ''),
    ]),
  );
}
