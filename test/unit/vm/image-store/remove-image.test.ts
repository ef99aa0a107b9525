import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createVm } from '../../../../src/vm/create/create.ts';
import { imageToRemove, removeImage } from '../../../../src/vm/image-store/remove-image.ts';
import { readRecord } from '../../../../src/vm/image-store/record.ts';
import type { ImageRecord } from '../../../../src/vm/image-store/record.ts';
import { pullImage } from '../../../../src/vm/pull/pull.ts';
import { bootDisk, loaded, minimalMachine } from '../../machines.ts';
import { whileTimePasses } from '../../time.ts';
import type { TestContext } from '../context.ts';
import { thrownBy } from '../each-call.ts';
import { HEX, hostWith, IMAGE, PATH, PLACE, tools, VERSION, WANTED } from '../pull/pulled.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const DIGEST = `sha256:${HEX}`;

/** A host with the image. */
function host(status: ImageRecord['status'] = 'ready'): TestContext {
  const record = { status, downloaded: DIGEST, content: DIGEST, bytes: IMAGE.length };
  const context = hostWith(record, IMAGE);
  context.hypervisor.directories.get(PLACE)?.set(PATH.slice(PLACE.length + 1), `qcow2 ${2 ** 30}`);
  return context;
}

const remove = async (context: TestContext): Promise<void> =>
  whileTimePasses(imageToRemove('debian', context).then((found) => removeImage(found, context)));

const MACHINE = loaded(minimalMachine({ name: 'web', bootDisk: bootDisk({ image: PATH }) }));
const create = (context: TestContext): Promise<unknown> => whileTimePasses(createVm(MACHINE, context));

function recordOf({ hypervisor }: TestContext): ImageRecord | undefined {
  return readRecord(hypervisor.contents.get(`${PATH}.plow.json`) ?? new Uint8Array());
}

/** What is there of the VM and of its image. */
function seen({ hypervisor }: TestContext): { readonly vm: boolean; readonly image: boolean } {
  return { vm: hypervisor.domains.has('web'), image: hypervisor.contents.has(PATH) };
}

/** Runs `other` in the middle of `work`, before a call of a name, the `nth` of it. */
async function between(
  context: TestContext,
  call: 'domainDocuments' | 'defineDomain' | 'pastDocuments',
  nth: number,
  other: () => Promise<unknown>,
): Promise<void> {
  const { hypervisor } = context;
  const original = hypervisor[call].bind(hypervisor) as (...args: readonly unknown[]) => Promise<never>;
  let calls = 0;
  vi.spyOn(hypervisor, call).mockImplementation(async (...args: readonly unknown[]) => {
    calls += 1;
    if (calls === nth) await other();
    return original(...args);
  });
}

describe('an image that is removed', () => {
  it('goes, and its record last', async () => {
    const context = host();
    await remove(context);
    expect([...(context.hypervisor.directories.get(PLACE)?.keys() ?? [])]).toStrictEqual([]);
  });

  it('stays where a create defines its VM between the two looks, and is ready again', async () => {
    const context = host();
    const before = recordOf(context);
    await between(context, 'domainDocuments', 2, async () => {
      expect(recordOf(context)).toMatchObject({ status: 'removing' });
      context.hypervisor.addDomain(
        'web',
        `<domain><name>web</name><devices><disk><source file='${PATH}'/></disk></devices></domain>`,
        'shut off',
      );
    });
    expect(String(await thrownBy(remove(context)))).toContain(`VM 'web' stands on ${PATH}`);
    expect(recordOf(context)).toStrictEqual(before);
    expect(context.hypervisor.contents.get(PATH)).toBe(IMAGE);
  });

  it('is no image for a create that begins after it was said that it goes', async () => {
    const context = host();
    let error: unknown;
    await between(context, 'pastDocuments', 2, async () => {
      error = await thrownBy(createVm(MACHINE, context));
    });
    await remove(context);
    expect(error).toMatchObject({
      kind: 'storage',
      message: `${PATH} is being removed, or a plow was killed as it removed it`,
    });
    expect(seen(context)).toStrictEqual({ vm: false, image: false });
  });

  it.each(['ready', 'removing'] as const)(
    'never goes from under a create, at whatever call of it (%s)',
    async (status) => {
      const outcomes = new Set<string>();
      for (let at = 0; ; at += 1) {
        const context = host(status);
        let removed: Promise<unknown> | undefined;
        // It runs as the create does, from that call on.
        context.hypervisor.fault = (_call, index) => {
          if (index === at)
            removed = thrownBy(imageToRemove('debian', context).then((found) => removeImage(found, context)));
          return undefined;
        };
        const error = await thrownBy(create(context));
        if (removed !== undefined) await whileTimePasses(removed);
        const { vm, image } = seen(context);
        outcomes.add(`${vm ? 'VM' : 'no VM'}, ${image ? 'image' : 'no image'}`);
        expect(vm && !image).toBe(false);
        expect(error === undefined).toBe(vm);
        if (removed === undefined) break;
      }
      expect([...outcomes].toSorted()).toContain(status === 'ready' ? 'VM, image' : 'no VM, no image');
    },
  );

  it('is gone on with by the next remove where a plow was killed', async () => {
    const context = host('removing');
    expect(String(await thrownBy(whileTimePasses(pullImage(WANTED, tools(), context))))).toContain(
      'is being removed',
    );
    await remove(context);
    expect(seen(context)).toStrictEqual({ vm: false, image: false });
  });

  it('is ready again where the next remove finds that a VM stands on it', async () => {
    const context = host('removing');
    context.hypervisor.addDomain(
      'web',
      `<domain><name>web</name><os><kernel>${PATH}</kernel></os></domain>`,
      'running',
    );
    expect(String(await thrownBy(remove(context)))).toContain('stands on');
    expect(recordOf(context)).toMatchObject({ status: 'ready', version: VERSION });
  });
});
