import { expect, it } from 'vitest';
import { inspectLeftovers } from '../../../../src/vm/create/check-leftovers.ts';
import { minimalMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { inspectionOf } from '../inspection.ts';

const NAMES = ['web', 'db', 'mail'];

/** With a disk of each of these VMs where create would make one, and another VM that uses that of `db`. */
function host(): TestContext {
  const context = testContext();
  context.hypervisor.addDirectory('/images');
  for (const name of NAMES) {
    context.hypervisor.addDirectory(`/images/${name}`, 'boot.qcow2');
    context.hypervisor.directories.get('/images')?.set(name, 'dir 0');
  }
  const disks = ['/images/db/boot.qcow2', '/other/disk.qcow2'].map(
    (path) => `<disk type='file'><driver type='qcow2'/><source file='${path}'/></disk>`,
  );
  const xml = `<domain><name>old</name><devices>${disks.join('')}</devices></domain>`;
  context.hypervisor.addDomain('old', xml, 'shut off');
  return context;
}

async function inspect(context: TestContext): Promise<readonly string[]> {
  const inspection = inspectionOf(context);
  const told: string[] = [];
  for (const name of NAMES) told.push(...(await inspectLeftovers(minimalMachine({ name }), inspection)));
  return told;
}

const LEFT = (name: string): string =>
  `boot.qcow2 already exists in the VM's directory, and plow overwrites nothing: move /images/${name}/boot.qcow2 away if it is not needed, or choose another name for the VM`;
const TOLD = [
  LEFT('web'),
  "/images/db/boot.qcow2 is in use by VM 'old': choose another name for this one",
  LEFT('mail'),
];

it('whose a leftover is, is asked once for however many files', async () => {
  const context = host();
  expect(await inspect(context)).toStrictEqual(TOLD);
  for (const call of ['domainDocuments', 'pastDocuments', 'fileHeads'])
    expect(context.hypervisor.calls.filter((each) => each === call)).toStrictEqual([call]);
});

it('whose a leftover is, is told by a connection for looking without a look at any disk', async () => {
  const context = host();
  context.hypervisor.isReadOnly = true;
  for (const path of ['/images', ...NAMES.map((name) => `/images/${name}`)])
    context.hypervisor.addPool(path, path, { active: true });
  expect(await inspect(context)).toStrictEqual(TOLD);
  expect(context.hypervisor.calls).not.toContain('fileHeads');
  expect(context.hypervisor.calls).not.toContain('startPool');
});
