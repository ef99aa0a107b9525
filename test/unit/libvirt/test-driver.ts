import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METADATA_NAMESPACE } from '../../../src/libvirt-xml/metadata/metadata.ts';
import { connect } from '../../../src/libvirt/connect.ts';
import type { OpenHypervisor } from '../../../src/libvirt/connect.ts';

/** libvirt's own mock of a hypervisor, inside libvirt.so: one domain `test`, one pool, one interface eth1. */
export const TEST_URI = 'test:///default';

export interface Call {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** How many calls were under way at most at one moment. */
export function mostAtOnce(calls: readonly Call[]): number {
  return Math.max(
    ...calls.map(({ end }) => calls.filter((other) => other.start < end && other.end >= end).length),
  );
}

/** @returns the connection and, filled as they end, its calls */
export async function connectToTest(
  uri = TEST_URI,
): Promise<OpenHypervisor & { readonly calls: readonly Call[] }> {
  const calls: Call[] = [];
  const open = await connect(uri, {
    observe: (name, milliseconds) => {
      const end = performance.now();
      calls.push({ name, start: end - milliseconds, end });
    },
  });
  return { ...open, calls };
}

/** A mock of its own with this many domains, which run and carry plow's metadata. */
export async function connectToMany(count: number): ReturnType<typeof connectToTest> {
  const metadata = `<p:vm xmlns:p='${METADATA_NAMESPACE.uri}' status='ready'/>`;
  const domains = Array.from({ length: count }, (_, index) => domainDocument(`vm${index}`, metadata));
  const directory = mkdtempSync(join(tmpdir(), 'libvirt-'));
  try {
    const path = join(directory, 'node.xml');
    writeFileSync(path, `<node>${domains.join('')}</node>`);
    return await connectToTest(`test://${path}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function domainDocument(name: string, metadata = ''): string {
  return (
    `<domain type='test'><name>${name}</name><metadata>${metadata}</metadata>` +
    `<memory unit='MiB'>512</memory><vcpu>3</vcpu><os><type>hvm</type></os></domain>`
  );
}

export function poolDocument(name: string): string {
  return `<pool type='dir'><name>${name}</name><target><path>/${name}</path></target></pool>`;
}

export function volumeDocument(name: string): string {
  return `<volume><name>${name}</name><capacity>1024</capacity></volume>`;
}
