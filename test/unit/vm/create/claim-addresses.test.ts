import { beforeEach, describe, expect, it, vi } from 'vitest';
import { parseIfPossible } from '../../../../src/libvirt-xml/read/parse.ts';
import { metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';
import { createVm } from '../../../../src/vm/create/create.ts';
import type { Domain } from '../../../../src/hypervisor/domain.ts';
import { loaded, minimalMachine } from '../../machines.ts';
import { ownDocument } from '../shown.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { thrownBy } from '../each-call.ts';
import { FakeHypervisor } from '../fake-hypervisor.ts';

// Whoever waits for another create asks again at once, with the time gone by: it has its turn when the
// schedule says so.
const clock = vi.hoisted(() => ({ now: 0 }));
vi.mock('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => void (clock.now += milliseconds),
}));
beforeEach(() => {
  clock.now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
});

const MAC = 'be:ef:0a:14:1e:28';

function taken(owner: string, why = ''): string {
  return `vm.yaml:1:1: network_interfaces.0.ip: 10.20.30.40 is used by VM '${owner}'${why}`;
}

/**
 * Lets one of several go on at a time, when all others wait or are done: in the order given, then in turn.
 */
class Turns {
  readonly #order: readonly number[];
  readonly #waiting = new Map<number, () => void>();
  #running: number;
  #step = 0;

  constructor(count: number, order: readonly number[]) {
    this.#running = count;
    this.#order = order;
  }

  take(who: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(who, resolve);
      this.leave();
    });
  }

  leave(): void {
    this.#running -= 1;
    if (this.#running > 0 || this.#waiting.size === 0) return;
    const step = this.#step;
    this.#step += 1;
    const wanted = this.#order[step] ?? step % 2;
    const next = this.#waiting.has(wanted) ? wanted : ([...this.#waiting.keys()][0] ?? 0);
    const resume = this.#waiting.get(next);
    this.#waiting.delete(next);
    this.#running += 1;
    resume?.();
  }
}

/**
 * As it is, but for calls about domains, which wait for their turn: no other matters to who has an address.
 */
class InTurns extends FakeHypervisor {
  who = 0;
  turns: Turns | undefined;

  override async domainDocuments(
    except?: ReadonlySet<string>,
  ): ReturnType<FakeHypervisor['domainDocuments']> {
    await this.turns?.take(this.who);
    return super.domainDocuments(except);
  }

  override async defineDomain(xml: string): Promise<Domain> {
    await this.turns?.take(this.who);
    const domain = await super.defineDomain(xml);
    const { who, turns } = this;
    return {
      ...domain,
      setMetadata: async (...args) => {
        await turns?.take(who);
        return domain.setMetadata(...args);
      },
      undefine: async () => {
        await turns?.take(who);
        return domain.undefine();
      },
    };
  }
}

/** A create on a hypervisor that others see too. */
function contextOf(
  domains: FakeHypervisor['domains'],
  who: number,
  turns: Turns,
  created: string,
): TestContext {
  const hypervisor = Object.assign(new InTurns(), { domains, who, turns });
  hypervisor.addDirectory('/images', 'base.qcow2');
  const uuid = `00000000-0000-4000-8000-00000000000${who}`;
  return testContext({ hypervisor, now: () => new Date(created), newUuid: () => uuid });
}

/** Two creates that meet in the given order. @returns who has the VM, and what the other was told */
async function race(order: readonly number[], dates: readonly string[]): Promise<string> {
  const domains: FakeHypervisor['domains'] = new Map();
  const turns = new Turns(2, order);
  const creates = dates.map(async (created, who) => {
    const machine = minimalMachine({ name: `vm-${who}` });
    const error = await thrownBy(createVm(loaded(machine), contextOf(domains, who, turns, created)));
    turns.leave();
    return error instanceof Error ? error.message : 'made';
  });
  const told = await Promise.all(creates);
  const all = [...domains].map(
    ([name, { xml }]) => `${name} ${metadataInDomain(parseIfPossible(xml))?.status}`,
  );
  return [...all, ...told].join('; ');
}

/** Every order of the first so many steps of two: each looks, defines, looks and claims. */
const STEPS = 7;
const ORDERS = Array.from({ length: 2 ** STEPS }, (_, number) =>
  Array.from({ length: STEPS }, (_unused, step) => (number >> step) & 1),
);

describe('two creates of one address at the same time', () => {
  it.each([
    ['the first began earlier', ['2025-01-01T00:00:00Z', '2025-01-01T00:00:01Z']],
    ['the second began earlier', ['2025-01-01T00:00:01Z', '2025-01-01T00:00:00Z']],
    ['both began in one instant', ['2025-01-01T00:00:00Z', '2025-01-01T00:00:00Z']],
  ])(
    'make one VM, however they meet, where %s',
    async (_, dates) => {
      const outcomes = new Set<string>();
      for (const order of ORDERS) outcomes.add(await race(order, dates));
      expect([...outcomes].toSorted()).toStrictEqual([
        `vm-0 ready; made; ${taken('vm-0')}`,
        `vm-1 ready; ${taken('vm-1')}; made`,
      ]);
    },
    60_000,
  );
});

/**
 * What a create is told when this VM appears as it defines its own.
 * @param lookMs that each look at all VMs takes
 */
async function meeting(
  xml: string,
  context = testContext(),
  lookMs = 0,
): Promise<{ message: unknown; left: readonly string[] }> {
  const { hypervisor } = context;
  hypervisor.addDirectory('/images', 'base.qcow2');
  hypervisor.fault = (call) => {
    if (call === 'defineDomain') hypervisor.addDomain('other', xml, 'shut off');
    if (call === 'domainDocuments') clock.now += lookMs;
    return undefined;
  };
  const machine = minimalMachine({ name: 'mine' });
  const error = await thrownBy(createVm(loaded(machine), { ...context, now: () => new Date(0) }));
  return { message: error instanceof Error ? error.message : error, left: [...hypervisor.domains.keys()] };
}

describe('a VM that is defined while another is', () => {
  const foreign = `<domain><devices><interface type='bridge'><mac address='${MAC}'/></interface></devices></domain>`;

  it.each([
    ['by another tool', foreign, 0, ` (MAC address ${MAC}, made from it)`],
    // Also where the other one began earlier, and would have its turn: a VM that is ready yields to nobody.
    ['and is ready', ownDocument('ready'), 0, ''],
    ['by a create that is dead, after ten seconds', ownDocument('creating'), 10_000, ''],
  ])('keeps its address where it was made %s', async (_, xml, milliseconds, why) => {
    expect(await meeting(xml)).toStrictEqual({ message: taken('other', why), left: ['other'] });
    expect(clock.now).toBe(milliseconds);
  });

  it('is waited for ten seconds, however long each look at it takes', async () => {
    const context = testContext();
    const result = await meeting(ownDocument('creating'), context, 4000);
    expect(result).toStrictEqual({ message: taken('other'), left: ['other'] });
    // One before anything is made; then at 0, 4, 8 and 12 seconds, and what the pauses between them add.
    expect(context.hypervisor.calls.filter((call) => call === 'domainDocuments')).toHaveLength(4);
  });

  it('is none of its business where its address is another', async () => {
    const result = await meeting(foreign.replace(MAC, 'be:ef:0a:14:1e:29'));
    expect(result).toStrictEqual({ message: undefined, left: ['mine', 'other'].toReversed() });
  });
});
