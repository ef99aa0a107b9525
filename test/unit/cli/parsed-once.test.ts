import { expect, it, vi } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { cloudInit, fullMachine } from '../machines.ts';
import { contextWith } from '../vm/export/vms.ts';
import type { FakeHypervisor } from '../vm/fake-hypervisor.ts';
import { fakeEnvironment } from './environment.ts';

/** How often each text was parsed. */
const parsed = vi.hoisted(() => new Map<string, number>());

vi.mock('../../../src/libvirt-xml/read/parse.ts', async (original) => {
  const real = await original<typeof import('../../../src/libvirt-xml/read/parse.ts')>();
  return {
    ...real,
    parseXml: (text: string) => {
      parsed.set(text, (parsed.get(text) ?? 0) + 1);
      return real.parseXml(text);
    },
  };
});

/** A VM; while it runs it has another document for that. */
function host(withMetadata: boolean, runs: boolean): FakeHypervisor {
  const machine = fullMachine({ name: 'web', provisioning: cloudInit({ hostname: 'web' }) });
  const { hypervisor } = contextWith(machine, { withMetadata });
  if (!runs) return hypervisor;
  const web = hypervisor.domains.get('web');
  if (web === undefined) throw new Error('it is not there');
  web.state = 'running';
  hypervisor.live.set('web', web.xml.replace('<domain', "<domain id='1'"));
  return hypervisor;
}

it.each([
  [['show'], { off: 1, running: 2 }],
  [['show', '--xml'], { off: 0, running: 0 }],
  [['export', '--storage-path', '/images'], { off: 1, running: 1 }],
  [['destroy', '--storage-path', '/images', '--timeout', '0'], { off: 1, running: 2 }],
])('%j parses each document of a VM once', async (argv, { off, running }) => {
  for (const isOwn of [true, false]) {
    for (const count of [off, running]) {
      const hypervisor = host(isOwn, count === running);
      parsed.clear();
      expect(await runCli([...argv, 'web'], fakeEnvironment(hypervisor))).toBe(0);
      const documents = [...parsed].filter(([text]) => text.startsWith('<domain '));
      expect(documents.map(([, times]) => times)).toStrictEqual(Array.from({ length: count }, () => 1));
    }
  }
});
