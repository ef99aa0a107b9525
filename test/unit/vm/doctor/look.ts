import { PoolDirectories } from '../../../../src/vm/host/pool-directories.ts';
import type { Check } from '../../../../src/vm/doctor/finding.ts';
import type { LocalFacts } from '../../../../src/hypervisor/local.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import type { FakeHypervisor } from '../fake-hypervisor.ts';

/** A host on which all is well; `change` makes it otherwise. */
export function host(
  change: (hypervisor: FakeHypervisor) => void = () => {},
  storagePath = '/images',
): TestContext {
  const context = testContext({ storagePath });
  context.hypervisor.addDirectory(storagePath);
  change(context.hypervisor);
  return context;
}

/** What a check finds, as `status: text → repair`. */
export async function look(check: Check, context: TestContext): Promise<readonly string[]> {
  const findings = await check({
    context,
    directories: new PoolDirectories(context),
    host: context.hypervisor,
    diskUsages: () => context.hypervisor.diskUsages(),
    documents: () => context.hypervisor.domainDocuments(),
    routing: async () => undefined,
  });
  return [findings]
    .flat()
    .map(({ status, text, repair }) => `${status}: ${text}${repair === undefined ? '' : ` → ${repair}`}`);
}

/** A machine with these files, of which directories and devices are empty, and what its programs print. */
export function machine(
  files: Readonly<Record<string, string>>,
  programs: Readonly<Record<string, string>> = {},
): LocalFacts {
  return {
    exists: async (path) => path in files,
    read: async (path) => files[path],
    look: async () => 'ENOENT',
    names: async () => [],
    output: async (program, args) => programs[[program, ...args].join(' ')],
  };
}
