import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import { END_NAMESPACE } from '../../../../src/libvirt-xml/metadata/end.ts';
import { endElement } from '../../../../src/libvirt-xml/metadata/write.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { presentVm } from '../../../../src/vm/list/unknown-vm.ts';
import { createSnapshot } from '../../../../src/vm/snapshot/create.ts';
import { deleteSnapshot } from '../../../../src/vm/snapshot/delete.ts';
import { listSnapshots } from '../../../../src/vm/snapshot/list.ts';
import { revertToSnapshot } from '../../../../src/vm/snapshot/revert.ts';
import type { Domain } from '../../../../src/hypervisor/domain.ts';
import type { DomainState } from '../../../../src/hypervisor/domain-facts.ts';
import { dataDisk, minimalMachine } from '../../machines.ts';
import type { TestContext } from '../context.ts';
import { describeError, eachCall, failOnce, thrownBy } from '../each-call.ts';
import type { Workflow } from '../each-call.ts';
import { contextWith } from '../export/vms.ts';

const NVRAM = '/var/lib/libvirt/qemu/nvram';

/** A VM with UEFI variables and two disks. */
function host(state: DomainState): TestContext {
  const context = contextWith(
    minimalMachine({ name: 'web', firmware: 'uefi', dataDisks: [dataDisk('vdb', 5)] }),
  );
  const { hypervisor } = context;
  hypervisor.addDirectory(NVRAM, 'web_VARS.fd');
  hypervisor.contents.set(`${NVRAM}/web_VARS.fd`, new TextEncoder().encode('before'));
  return setState(context, state);
}

function setState(context: TestContext, state: DomainState): TestContext {
  const found = context.hypervisor.domains.get('web');
  if (found !== undefined) found.state = state;
  return context;
}

const on = (work: (domain: Domain, context: TestContext) => Promise<unknown>) => {
  return async (context: TestContext): Promise<unknown> =>
    work(await presentVm('web', context.hypervisor), context);
};

const create = (name: string): ((context: TestContext) => Promise<unknown>) =>
  on((domain, context) =>
    createSnapshot(domain, { name, description: undefined, ifMissing: false }, context),
  );
const revert = on((domain, context) => revertToSnapshot(domain, 'one', context));
const remove = on((domain, context) => deleteSnapshot(domain, 'one', context));

const sources = ({ hypervisor }: TestContext): readonly (string | undefined)[] =>
  readDomain(parseXml(hypervisor.domains.get('web')?.xml ?? '')).disks.map(({ source }) => source);

const filesOf = ({ hypervisor }: TestContext): readonly string[] => [
  ...(hypervisor.directories.get('/images/web') ?? new Map<string, string>()).keys(),
];

/** How often each call was made. */
function counted({ hypervisor }: TestContext): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const call of hypervisor.calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** A VM that has a snapshot, of which nothing was asked yet. */
function withSnapshot(state: DomainState): () => Promise<TestContext> {
  return async () => {
    const context = host(state);
    await create('one')(context);
    context.hypervisor.calls.length = 0;
    return context;
  };
}

describe.each(['running', 'shut off'] as const)('of a VM that is %s, a snapshot', (state) => {
  it('is taken, and gone back to; UEFI variables and the state too', async () => {
    const context = host(state);
    await create('one')(context);
    const [boot, data] = sources(context);
    expect(boot).toMatch(/^\/images\/web\/snap-[0-9a-f]{8}-vda\.qcow2$/u);
    expect(data).toMatch(/^\/images\/web\/snap-[0-9a-f]{8}-vdb\.qcow2$/u);
    context.hypervisor.contents.set(`${NVRAM}/web_VARS.fd`, new TextEncoder().encode('behind'));
    await revert(context);
    expect(sources(context)).not.toContain(boot);
    expect(new TextDecoder().decode(context.hypervisor.contents.get(`${NVRAM}/web_VARS.fd`))).toBe('before');
    expect(context.hypervisor.domains.get('web')?.state).toBe(state);
    const domain = await presentVm('web', context.hypervisor);
    expect(await listSnapshots(domain, context)).toMatchObject([{ name: 'one', isCurrent: true }]);
    // What was written to before is needed by nobody.
    expect(filesOf(context)).toHaveLength(5);
    expect(context.hypervisor.pools.size).toBe(0);
  });

  it('is deleted, and what the VM stands on stays', async () => {
    const context = await withSnapshot(state)();
    await remove(context);
    expect(filesOf(context).map((file) => file.replace(/[0-9a-f]{8}/u, 'MARK'))).toStrictEqual([
      'boot.qcow2',
      'data-vdb.qcow2',
      'snap-MARK-vda.qcow2',
      'snap-MARK-vdb.qcow2',
    ]);
    expect(context.hypervisor.snapshotsOf('web').documents.size).toBe(0);
  });
});

describe('a call that fails', () => {
  const workflows: readonly [string, Workflow, readonly string[]][] = [
    ['create, of one that runs', { prepare: () => host('running'), run: create('one') }, ['one']],
    ['create, of one that is off', { prepare: () => host('shut off'), run: create('one') }, ['one']],
  ];

  it.each(workflows)('in %s leaves all as it was, or the snapshot is there', async (_, workflow, there) => {
    const outcomes = await eachCall(workflow, failOnce);
    const verdicts = outcomes.map(({ call, error, context, unchanged }) => {
      const names = [...context.hypervisor.snapshotsOf('web').documents.keys()].join();
      if (error === undefined) return names === there.join() ? 'taken' : `${call}: silent`;
      return unchanged ? 'as it was' : `${call}: ${describeError(error)}`;
    });
    expect(new Set(verdicts)).toStrictEqual(new Set(['taken', 'as it was']));
  });

  it.each(['running', 'shut off'] as const)(
    'while a VM that is %s goes back leaves all as it was, or it is back',
    async (state) => {
      const smooth = await withSnapshot(state)();
      await revert(smooth);
      const verdicts = new Set<string>();
      for (const [index, call] of smooth.hypervisor.calls.entries()) {
        const context = failOnce(await withSnapshot(state)(), index);
        const before = context.hypervisor.census();
        const error = await thrownBy(revert(context));
        if (error === undefined)
          verdicts.add(sources(context).join() === sources(smooth).join() ? 'back' : call);
        else {
          const unchanged = isDeepStrictEqual(context.hypervisor.census(), before);
          verdicts.add(unchanged ? 'as it was' : `${call}: ${describeError(error)}`);
        }
      }
      expect(verdicts).toStrictEqual(new Set(['back', 'as it was']));
    },
  );

  it('while a snapshot is deleted leaves it, or it is forgotten and the next command removes its files', async () => {
    const smooth = await withSnapshot('shut off')();
    await remove(smooth);
    for (const [index] of smooth.hypervisor.calls.entries()) {
      const context = failOnce(await withSnapshot('shut off')(), index);
      await thrownBy(remove(context));
      context.hypervisor.fault = () => undefined;
      const asked = on((domain, again) => deleteSnapshot(domain, 'one', again, true));
      await asked(context);
      expect(context.hypervisor.census()).toStrictEqual(smooth.hypervisor.census());
    }
  });
});

describe('calls', () => {
  it('of a create, of a VM that runs', async () => {
    const context = host('running');
    await create('one')(context);
    expect(counted(context)).toMatchInlineSnapshot(`
      {
        "Domain.snapshots": 2,
        "Domain.status": 2,
        "Domain.takeSnapshot": 1,
        "Domain.wholeDocument": 2,
        "Pool.createVolume": 3,
        "Pool.findVolume": 5,
        "Pool.stop": 3,
        "Pool.volumeNames": 2,
        "Volume.download": 2,
        "Volume.upload": 1,
        "Volume.xml": 4,
        "findDomain": 1,
        "findPoolByPath": 1,
        "startPool": 3,
        "volumeDocuments": 2,
      }
    `);
  });

  it('of a create, of a VM that is off', async () => {
    const context = host('shut off');
    await create('one')(context);
    expect(counted(context)).toMatchInlineSnapshot(`
      {
        "Domain.keepSnapshot": 1,
        "Domain.snapshots": 2,
        "Domain.status": 2,
        "Domain.wholeDocument": 2,
        "Pool.createVolume": 3,
        "Pool.findVolume": 4,
        "Pool.stop": 2,
        "Pool.volumeNames": 2,
        "Volume.download": 1,
        "Volume.upload": 1,
        "Volume.xml": 3,
        "defineDomain": 1,
        "findDomain": 1,
        "findPoolByPath": 1,
        "startPool": 2,
        "volumeDocuments": 2,
      }
    `);
  });

  it('of a revert', async () => {
    const context = await withSnapshot('running')();
    await revert(context);
    expect(counted(context)).toMatchInlineSnapshot(`
      {
        "Domain.forceOff": 1,
        "Domain.snapshots": 3,
        "Domain.start": 1,
        "Domain.status": 3,
        "Domain.wholeDocument": 3,
        "Pool.createVolume": 2,
        "Pool.findVolume": 7,
        "Pool.stop": 3,
        "Pool.volumeNames": 3,
        "Volume.delete": 2,
        "Volume.download": 2,
        "Volume.upload": 1,
        "Volume.xml": 3,
        "defineDomain": 1,
        "domainDocuments": 1,
        "findDomain": 1,
        "pastDocuments": 1,
        "startPool": 3,
        "volumeDocuments": 3,
      }
    `);
  });

  it('of a delete', async () => {
    const context = await withSnapshot('running')();
    await remove(context);
    expect(counted(context)).toMatchInlineSnapshot(`
      {
        "Domain.forgetSnapshot": 1,
        "Domain.snapshots": 3,
        "Domain.status": 3,
        "Domain.wholeDocument": 3,
        "Pool.findVolume": 1,
        "Pool.stop": 1,
        "Pool.volumeNames": 3,
        "Volume.delete": 1,
        "domainDocuments": 1,
        "findDomain": 1,
        "pastDocuments": 1,
        "startPool": 1,
        "volumeDocuments": 3,
      }
    `);
  });

  it('of a list', async () => {
    const context = await withSnapshot('running')();
    const domain = await presentVm('web', context.hypervisor);
    await listSnapshots(domain, context);
    expect(counted(context)).toMatchInlineSnapshot(`
      {
        "Domain.snapshots": 1,
        "Domain.status": 1,
        "Domain.wholeDocument": 1,
        "Pool.stop": 1,
        "Pool.volumeNames": 1,
        "findDomain": 1,
        "findPoolByPath": 1,
        "startPool": 1,
        "volumeDocuments": 1,
      }
    `);
  });
});

describe('a VM that is destroyed, and can be brought back', () => {
  it.each([
    ['taken', create('two')],
    ['gone back to', revert],
  ])('has no snapshot that is %s', async (_, run) => {
    const context = await withSnapshot('shut off')();
    const end = { expires: undefined, undo: { until: undefined, ran: true, autostart: false } };
    const domain = await presentVm('web', context.hypervisor);
    await domain.setMetadata(endElement(domain.uuid, end), END_NAMESPACE);
    const before = context.hypervisor.census();
    await expect(run(context)).rejects.toMatchObject({ hint: 'plow undelete web brings it back' });
    expect(context.hypervisor.census()).toStrictEqual(before);
  });
});
