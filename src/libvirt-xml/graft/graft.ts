import { IGNITION_NAMES } from '../../config/values/extras.ts';
import type { XmlElement } from '../read/parse.ts';
import { BOOT_ORDER, diskGrafts, interfaceGraft, SCREEN, SHARES, THREADS, TPM, WATCHDOG } from './devices.ts';
import { altered, attributesIn, blend, swap, withChildrenOf } from './elements.ts';
import type { Graft } from './elements.ts';

const HUGEPAGES = swap(['domain', 'memoryBacking', 'hugepages']);
/** Which of its CPUs are plugged in, one by one: it follows from their number. */
const VCPUS = [blend(['domain', 'vcpu'], withVcpus), swap(['domain', 'vcpus'])];
const MEMORY = [swap(['domain', 'memory']), swap(['domain', 'currentMemory'])];
const PINS = [swap(['domain', 'cputune', 'vcpupin']), swap(['domain', 'cputune', 'emulatorpin'])];

/** What of a document each change is about, by the name that it has in a comparison. */
const GRAFTS: Readonly<Record<string, readonly Graft[]>> = {
  vcpus: VCPUS,
  maximum_vcpus: VCPUS,
  memory_kib: MEMORY,
  current_memory_kib: MEMORY,
  cpu_mode: [cpuGraft(['model'], true)],
  cpu_model: [cpuGraft(['model'], false)],
  cpu_topology: [cpuGraft(['topology'], false)],
  numa: [cpuGraft(['numa'], false), swap(['domain', 'numatune'])],
  cpu_pins: PINS,
  emulator_cpus: PINS,
  hugepages: [HUGEPAGES],
  on_crash: [swap(['domain', 'on_crash'])],
  virt_type: [virtTypeGraft],
  machine_type: [swap(['domain', 'os', 'type'])],
  description: [swap(['domain', 'description'])],
  iothreads: [swap(['domain', 'iothreads']), swap(['domain', 'iothreadids']), THREADS],
  fw_cfg: [blend(['domain', 'sysinfo'], withFwCfg, (one) => one.attribute('type') === 'fwcfg')],
  tpm: [TPM],
  watchdog: [WATCHDOG],
  shares: SHARES,
  vnc: SCREEN,
  boot: BOOT_ORDER,
};

/**
 * A domain's document with what some changes are about as another document has it. Of all else no character
 * is changed: devices keep their places, and what plow does not know stays.
 * @param stored with its passwords @param wanted of the same machine as its file has it now
 * @param whats names of changes, as a comparison has them; one of which nothing is known changes nothing
 */
export function grafted(stored: string, wanted: string, whats: readonly string[]): string {
  const grafts = new Set(whats.flatMap(graftsOf));
  return [...grafts].reduce((document, graft) => graft(document, wanted), stored);
}

function graftsOf(what: string): readonly Graft[] {
  const [kind = '', name = '', field] = what.split(' ');
  if (kind === 'disk') return diskGrafts(name, field);
  if (kind === 'interface') return field === 'address' ? [] : [interfaceGraft(name)];
  return GRAFTS[what] ?? [];
}

function withVcpus(stored: XmlElement, wanted: XmlElement): XmlElement {
  return altered(wanted, { ...attributesIn(stored, 'current'), ...attributesIn(wanted) });
}

/** A mode has attributes of its own. */
function cpuGraft(names: readonly string[], isOfMode: boolean): Graft {
  return blend(['domain', 'cpu'], (stored, wanted) => {
    const cpu = withChildrenOf(stored, wanted, names);
    return isOfMode ? altered(cpu, attributesIn(wanted)) : cpu;
  });
}

function isIgnition(entry: XmlElement): boolean {
  return IGNITION_NAMES.has(entry.attribute('name') ?? '');
}

/** The config of Ignition stays, whatever its file is called by now. */
function withFwCfg(stored: XmlElement, wanted: XmlElement): XmlElement {
  const kept = stored.children('entry').filter(isIgnition);
  const coming = wanted.children('entry').filter((one) => !isIgnition(one));
  return altered(stored, undefined, ['entry'], [...kept, ...coming]);
}

const TYPE = /(?<=<domain\b[^<>]*?\stype=)(?:'[^']*'|"[^"]*")/u;

function virtTypeGraft(stored: string, wanted: string): string {
  const type = TYPE.exec(wanted)?.[0] ?? '""';
  return stored.replace(TYPE, () => type);
}
