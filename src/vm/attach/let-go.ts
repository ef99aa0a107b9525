import { setTimeout as sleep } from 'node:timers/promises';
import type { Domain } from '../../hypervisor/domain.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import { readDocument } from '../read-document.ts';
import { ofVm } from './look.ts';

/** libvirt itself waits 5 seconds for the guest. */
const PATIENCE_MS = 5000;
const PAUSE_MS = 250;

/** Whether the guest of a VM that runs lets a device go. @param has of the VM as it runs @throws PlowError */
export async function hasLetGo(domain: Domain, has: (live: DomainFacts) => boolean): Promise<boolean> {
  const { name } = domain;
  for (const deadline = performance.now() + PATIENCE_MS; ;) {
    const xml = await ofVm(domain.xml('live'), name);
    if (!has(readDomain(readDocument({ name, xml })))) return true;
    if (performance.now() > deadline) return false;
    await sleep(PAUSE_MS);
  }
}
