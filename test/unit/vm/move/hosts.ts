import { createHash } from 'node:crypto';
import { moveOf } from '../../../../src/libvirt-xml/metadata/move.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import type { Ends } from '../../../../src/vm/move/ends.ts';
import { moveVm } from '../../../../src/vm/move/move.ts';
import { cloudInit, dataDisk, minimalMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { contextWith } from '../export/vms.ts';

export const NVRAM = '/var/lib/libvirt/qemu/nvram';
export const FILES = ['boot.qcow2', 'data-vdb.qcow2', 'cloudinit.iso'];

/** Two hypervisors. */
export interface Hosts {
  readonly h1: TestContext;
  readonly h2: TestContext;
}

/** A VM on h1, which starts with the host, and h2 without its base image. */
export function given(state: 'running' | 'shut off'): Hosts {
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

export const endsOf = ({ h1, h2 }: Hosts): Ends => ({
  from: { name: 'h1', context: h1 },
  to: { name: 'h2', context: h2 },
  newHasher: createHash,
});

export const move = (hosts: Hosts): Promise<unknown> =>
  moveVm('web', { isCold: true, withinMs: 1000, isDryRun: false }, endsOf(hosts));

/** What is at a host: its domains and what is in files. */
export function at({ hypervisor }: TestContext): unknown {
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
