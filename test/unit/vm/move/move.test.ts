import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { moveOf } from '../../../../src/libvirt-xml/metadata/move.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import type { Ends } from '../../../../src/vm/move/ends.ts';
import { moveVm } from '../../../../src/vm/move/move.ts';
import { takeBack } from '../../../../src/vm/move/waiting.ts';
import { cloudInit, dataDisk, minimalMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { thrownBy } from '../each-call.ts';
import { contextWith } from '../export/vms.ts';

const NVRAM = '/var/lib/libvirt/qemu/nvram';
/** All calls are for the nightly run. */
const EVERY = process.env['PLOW_FAULTS'] === 'all' ? 1 : 7;
const FILES = ['boot.qcow2', 'data-vdb.qcow2', 'cloudinit.iso'];

interface Hosts {
  readonly h1: TestContext;
  readonly h2: TestContext;
}

/** A VM on h1, which starts with the host, and h2 without its base image. */
function given(state: 'running' | 'shut off'): Hosts {
  const machine = minimalMachine({
    name: 'web',
    dataDisks: [dataDisk('vdb', 5)],
    provisioning: cloudInit({ hostname: 'web' }),
    firmware: 'uefi',
  });
  const h1 = contextWith(machine);
  const { hypervisor } = h1;
  hypervisor.addDirectory(NVRAM, 'web_VARS.fd');
  hypervisor.addDirectory('/images', 'base.qcow2');
  for (const file of FILES) hypervisor.contents.set(`/images/web/${file}`, bytesOf(file));
  hypervisor.contents.set('/images/base.qcow2', bytesOf('base'));
  hypervisor.contents.set(`${NVRAM}/web_VARS.fd`, bytesOf('variables'));
  const domain = hypervisor.domains.get('web');
  if (domain !== undefined) Object.assign(domain, { state, autostart: true });
  const h2 = testContext();
  h2.hypervisor.topology = '<uuid>of-h2</uuid>';
  for (const directory of ['/images', NVRAM]) h2.hypervisor.addDirectory(directory);
  return { h1, h2 };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const endsOf = ({ h1, h2 }: Hosts): Ends => ({
  from: { name: 'h1', context: h1 },
  to: { name: 'h2', context: h2 },
  newHasher: createHash,
});

const move = (hosts: Hosts): Promise<unknown> =>
  moveVm('web', { isCold: true, withinMs: 1000, isDryRun: false }, endsOf(hosts));

/** What is at a host: its domains and what is in files. */
function at({ hypervisor }: TestContext): unknown {
  const domains = [...hypervisor.domains].map(([name, { xml, state, autostart }]) => ({
    name,
    state,
    autostart,
    mark: moveOf(parseXml(xml))?.phase,
    isBarred: xml.includes('.plow-moving'),
  }));
  // The fake leaves UEFI variables where they are, whatever becomes of their domain.
  const files = [...hypervisor.contents]
    .filter(([path]) => domains.length > 0 || !path.startsWith(NVRAM))
    .map(([path, bytes]) => `${path} ${new TextDecoder().decode(bytes)}`)
    .toSorted();
  // One that a plow has lent which lost its line is stopped by the next one that needs its directory.
  const pools = [...hypervisor.pools.keys()].filter((name) => !name.startsWith('plow-lent-'));
  return { domains, files, pools };
}

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
