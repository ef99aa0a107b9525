import { describe, expect, it } from 'vitest';
import { takeBack } from '../../../../src/vm/move/waiting.ts';
import { thrownBy } from '../each-call.ts';
import { at, endsOf, FILES, given, move, NVRAM } from './hosts.ts';
import type { Hosts } from './hosts.ts';

/** All calls are for the nightly run. */
const EVERY = process.env['PLOW_FAULTS'] === 'all' ? 1 : 7;

/** One call of all that are made on both fails, or that and all after it on one of them. */
function failAt(hosts: Hosts, index: number, of: 'one' | 'all'): void {
  let count = 0;
  for (const { hypervisor } of [hosts.h1, hosts.h2])
    hypervisor.fault = () => {
      const now = count;
      count += 1;
      if (of === 'one') return now === index ? 'other' : undefined;
      return now >= index ? 'disconnected' : undefined;
    };
}

function mend({ h1, h2 }: Hosts): void {
  for (const { hypervisor } of [h1, h2]) hypervisor.fault = () => undefined;
}

async function smooth(state: 'running' | 'shut off'): Promise<{ hosts: Hosts; calls: number }> {
  const hosts = given(state);
  await move(hosts);
  return { hosts, calls: hosts.h1.hypervisor.calls.length + hosts.h2.hypervisor.calls.length };
}

describe.each(['running', 'shut off'] as const)('a move of a VM that is %s', (state) => {
  it('has it there, with its base image, and leaves nothing here', async () => {
    const { hosts } = await smooth(state);
    expect(at(hosts.h2)).toEqual({
      domains: [{ name: 'web', state, autostart: true, mark: undefined, isBarred: false }],
      files: [
        '/images/base.qcow2 base',
        ...FILES.toSorted().map((file) => `/images/web/${file} ${file}`),
        `${NVRAM}/web_VARS.fd variables`,
      ].toSorted(),
      pools: [],
    });
    const { domains, files } = at(hosts.h1) as { domains: unknown; files: readonly string[] };
    expect(domains).toEqual([]);
    expect(files.filter((line) => line.startsWith('/images/web'))).toEqual([]);
  });

  it.each(['one', 'all'] as const)('goes on after %s of its calls failed', async (of) => {
    const { hosts, calls } = await smooth(state);
    const usual = [at(hosts.h1), at(hosts.h2)];
    for (let index = 0; index < calls; index += EVERY) {
      const again = given(state);
      failAt(again, index, of);
      await thrownBy(move(again));
      mend(again);
      const isOver = !again.h1.hypervisor.domains.has('web');
      if (!isOver) await move(again);
      expect({ index, is: [at(again.h1), at(again.h2)] }).toEqual({ index, is: usual });
    }
  });

  it.each(['one', 'all'] as const)('goes back after %s of its calls failed, or has moved', async (of) => {
    const { hosts, calls } = await smooth(state);
    const [there, before] = [at(hosts.h2), given(state)];
    for (let index = 0; index < calls; index += EVERY) {
      const again = given(state);
      failAt(again, index, of);
      await thrownBy(move(again));
      mend(again);
      const usual = (await wentBack(again)) ? [at(before.h1), at(before.h2)] : [there];
      const is = [at(again.h1), at(again.h2)].slice(-usual.length);
      expect({ index, is }).toEqual({ index, is: usual });
    }
  });
});

/** Takes a move back; one that has come too far goes on. @returns whether the VM is where it was */
async function wentBack(hosts: Hosts): Promise<boolean> {
  if (!hosts.h1.hypervisor.domains.has('web')) return false;
  const error = await thrownBy(takeBack('web', endsOf(hosts)));
  if (error === undefined) return true;
  const words = error instanceof Error ? error.message : '';
  if (words.includes('is not on its way')) return true;
  if (!words.includes('may have run there')) throw error;
  await move(hosts);
  return false;
}
