import { readCapabilities } from '../../../src/libvirt-xml/read/capabilities.ts';
import { PoolDirectories } from '../../../src/vm/host/pool-directories.ts';
import type { Inspection } from '../../../src/vm/host/inspection.ts';
import type { NotChecked } from '../../../src/vm/host/not-checked.ts';
import { Questions } from '../../../src/vm/host/questions.ts';
import type { TestContext } from './context.ts';

export interface Told {
  /** `network_interfaces.0.ip: what is wrong with it` */
  readonly diagnostics: string[];
  readonly notChecked: NotChecked[];
}

/**
 * The checks before a create, on a hypervisor of which nothing else is known.
 * @param told takes what they say
 */
export function inspectionOf(
  context: TestContext,
  told: Told = { diagnostics: [], notChecked: [] },
): Inspection {
  return {
    context,
    host: readCapabilities('<capabilities/>'),
    directories: new PoolDirectories(context),
    questions: new Questions(context.hypervisor),
    report: (path, message) => told.diagnostics.push(`${path.join('.')}: ${message}`),
    notChecked: (one) => told.notChecked.push(one),
  };
}
