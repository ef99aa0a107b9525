import { create } from 'xmlbuilder2';
import { literal } from '../literal.ts';

export interface NewSnapshot {
  readonly name: string;
  readonly description: string | undefined;
  /** By target, the path of the file that the disk writes to from then on. */
  readonly overlays: ReadonlyMap<string, string>;
}

/** What is known of one that libvirt did not take itself. */
export interface TakenSnapshot {
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly parent: string | undefined;
  /** The domain as it was, without a prologue. */
  readonly domain: string;
}

/**
 * The document of a snapshot of disks alone: one for libvirt to take, or with `taken` one for it to keep.
 * https://libvirt.org/formatsnapshot.html
 */
export function snapshotXml({ name, description, overlays }: NewSnapshot, taken?: TakenSnapshot): string {
  const snapshot = create().ele('domainsnapshot');
  snapshot.ele('name').txt(name);
  if (description !== undefined) snapshot.ele('description').txt(literal(description));
  if (taken !== undefined) {
    snapshot.ele('state').txt('disk-snapshot');
    snapshot.ele('creationTime').txt(String(taken.createdAt));
    if (taken.parent !== undefined) snapshot.ele('parent').ele('name').txt(taken.parent);
  }
  snapshot.ele('memory', { snapshot: 'no' });
  const disks = snapshot.ele('disks');
  for (const [target, path] of overlays) {
    const disk = disks.ele('disk', { name: target, snapshot: 'external', type: 'file' });
    disk.ele('driver', { type: 'qcow2' });
    disk.ele('source', { file: literal(path) });
  }
  const text = snapshot.end({ headless: true });
  return taken === undefined
    ? text
    : text.replace(/<\/domainsnapshot>$/u, () => `${taken.domain}</domainsnapshot>`);
}
