import { ARCHITECTURES } from '../../config/architectures.ts';
import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { readGuests, readHostArch } from '../../libvirt-xml/read/guests.ts';
import type { VirtType } from '../../config/machine.ts';
import type { VmContext } from '../context.ts';
import { examinationOf } from '../doctor/examine.ts';
import type { Examination } from '../doctor/finding.ts';
import type { Ignore } from '../doctor/ignore/ignore.ts';
import { explaining } from '../failure.ts';
import { judgeAll } from '../features/ask.ts';
import type { MachineKind } from '../features/ask.ts';
import type { Judgement } from '../features/judge.ts';
import { FEATURE_NAMES } from '../features/table.ts';
import { hostFacts } from './facts.ts';
import type { HostFacts } from './facts.ts';

/** All there is to know of a hypervisor. */
export interface HostDetails extends HostFacts {
  /** `x86_64`; undefined where libvirt does not say. */
  readonly arch: string | undefined;
  readonly guests: readonly {
    readonly arch: string;
    readonly virtTypes: readonly VirtType[];
    readonly machineTypes: number;
  }[];
  readonly features: readonly Judgement[];
}

/** As hostFacts. @throws PlowError, Interrupted */
export async function hostDetails(context: VmContext, ignores: readonly Ignore[]): Promise<HostDetails> {
  const examination = examinationOf(context);
  const facts = await hostFacts(context, ignores, examination);
  return { ...facts, ...(await explaining(look(examination), 'operation', 'cannot look at the hypervisor')) };
}

async function look({ host }: Examination): Promise<Omit<HostDetails, keyof HostFacts>> {
  const capabilities = await host.capabilities();
  return {
    arch: readHostArch(capabilities),
    guests: readGuests(capabilities).map(({ arch, virtTypes, machines }) => ({
      arch,
      virtTypes,
      machineTypes: machines.length,
    })),
    features: await judgeAll(FEATURE_NAMES, host, usualKind(capabilities)),
  };
}

/** That of a VM whose file says nothing of it; undefined where there is no QEMU. */
function usualKind(capabilities: string): MachineKind | undefined {
  const { arch, virtTypes } = readCapabilities(capabilities);
  const [virtType] = virtTypes;
  const { machineType } = ARCHITECTURES[arch];
  return virtType === undefined ? undefined : { arch, machineType, virtType };
}
