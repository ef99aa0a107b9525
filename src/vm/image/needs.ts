import type { ImageNeeds, Machine, Provisioning, ProvisioningFormat } from '../../config/machine.ts';
import { taken, unsayable, unsayableFiles } from '../../config/vm-file/rules/formats.ts';
import { settle } from '../../config/settle.ts';
import type { GuestKind } from '../../config/settle.ts';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { readHostCpu, readHostModel } from '../../libvirt-xml/read/cpu-model.ts';
import type { CpuModel } from '../../libvirt-xml/read/cpu-model.ts';
import { explaining } from '../failure.ts';
import type { Inspection } from '../host/inspection.ts';

type Level = NonNullable<ImageNeeds['cpu']>;

/** Old models, by libvirt's names, that have none of what each level begins with. */
const BEFORE_V2 =
  /^(?:486|pentium.*|n270|coreduo|core2duo|Conroe|Penryn|kvm32|kvm64|qemu32|qemu64|athlon|phenom|Opteron_G[123])$/u;
const BEFORE_V3 = /^(?:Nehalem|Westmere|SandyBridge|IvyBridge|Opteron_G[45])(?:-.*)?$/u;

/**
 * What is in no CPU of the level below, and the models that are older.
 * https://gitlab.com/x86-psABIs/x86-64-ABI
 */
const LEVELS: Readonly<
  Record<Level, { readonly features: readonly string[]; readonly older: readonly RegExp[] }>
> = {
  'x86-64-v2': { features: ['sse4.2'], older: [BEFORE_V2] },
  'x86-64-v3': { features: ['avx2', 'bmi2'], older: [BEFORE_V2, BEFORE_V3] },
};

/**
 * Complains of what a file says and the image it names cannot do with, as far as the record of that image
 * tells: as a mistake where the VM could not boot. No round trip, but where the image wants a CPU that
 * nobody was asked about.
 */
export async function inspectImageNeeds(
  machine: Machine,
  kind: GuestKind,
  inspection: Inspection,
): Promise<void> {
  const { known } = machine.bootDisk;
  if (known?.needs === undefined) return;
  const { name, version, needs } = known;
  const image = `${name}@${version}`;
  const { report } = inspection;
  if (needs.firmware !== undefined && needs.firmware !== machine.firmware)
    report(['firmware'], `${image} cannot boot with ${machine.firmware}: it needs ${needs.firmware}`);
  if (machine.provisioning !== undefined) inspectGuest(machine.provisioning, { image, needs }, inspection);
  if (needs.cpu === undefined || kind.arch !== 'x86_64') return;
  const asking = cpuOf(machine, kind, inspection);
  const cpu = await explaining(asking, 'operation', 'cannot read the capabilities of the hypervisor');
  const lacking = cpu && lackingIn(cpu, needs.cpu);
  if (lacking === undefined) return;
  const who = kind.virtType === 'kvm' ? 'the CPU of this hypervisor' : 'what QEMU emulates here';
  report(
    ['cpu_mode'],
    `${image} cannot boot: it runs on ${needs.cpu} and later, and ${who} has no ${lacking}`,
  );
}

/** What is said to the guest, and how, beside what its image reads. */
function inspectGuest(
  guest: Provisioning,
  { image, needs }: { readonly image: string; readonly needs: ImageNeeds },
  { report, doubt }: Inspection,
): void {
  const { section, format, bus } = guest;
  // Where the image has decided the format, nobody has looked yet whether that has words for all.
  const unsaid = unsayable(format, (key) => key === 'packages' && guest.packages.length > 0);
  const files =
    format === 'ignition'
      ? unsayableFiles(guest.writeFiles, taken({ runcmd: guest.runCommands, timezone: guest.timezone }))
      : [];
  for (const { path, text } of [...unsaid, ...files]) report(path, `${text} (${image} takes Ignition)`);
  if (format !== needs.provisioning) doubt?.([section], otherFormat(image, needs.provisioning));
  const { seedBus } = needs;
  if (format !== 'cloud-init' || bus !== 'sata' || seedBus === undefined || seedBus === 'sata') return;
  const path = section === 'cloud_init' ? [section, 'bus'] : [section, 'cloud_init', 'bus'];
  doubt?.(path, `${image} may see no seed on sata: it is known to want it on ${seedBus}`);
}

function otherFormat(image: string, read: ProvisioningFormat): string {
  return read === 'ignition'
    ? `${image} takes Ignition, and is likely to read nothing of a cloud-init seed`
    : `${image} takes cloud-init, and is likely to read nothing of an Ignition config`;
}

/** A feature that a CPU certainly lacks for a level; undefined where it is not known to lack any. */
export function lackingIn({ name, added, removed }: CpuModel, level: Level): string | undefined {
  const { features, older } = LEVELS[level];
  const isOlder = older.some((models) => models.test(name));
  return features.find((feature) => removed.has(feature) || (isOlder && !added.has(feature)));
}

/**
 * The most that a guest can have here, in whatever mode: what QEMU gives it, else, where it runs on the
 * processor itself, that one. Undefined where nobody says, as QEMU's part to no connection for looking.
 */
async function cpuOf(
  machine: Machine,
  kind: GuestKind,
  { questions: { source } }: Inspection,
): Promise<CpuModel | undefined> {
  const { machineType } = settle(machine, kind);
  const named = machine.layout?.cpuModel;
  if (named !== undefined) return { name: named, added: new Set(), removed: new Set() };
  try {
    const given = readHostModel(await source.domainCapabilities({ ...kind, machineType }));
    if (given !== undefined) return given;
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
  }
  return kind.virtType === 'kvm' ? readHostCpu(await source.capabilities()) : undefined;
}
