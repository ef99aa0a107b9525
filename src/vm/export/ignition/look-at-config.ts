import { posix } from 'node:path';
import { isReason } from '../../../errors/hypervisor-error.ts';
import type { DomainFacts } from '../../../libvirt-xml/domain/read.ts';
import { readIgnition } from '../../../provision/ignition/read-config.ts';
import type { VmContext } from '../../context.ts';
import { withPoolOn } from '../../storage/directory-pool.ts';
import { lookAt } from '../../storage/find-volume.ts';
import { whyNot } from '../evidence.ts';
import type { ConfigEvidence, OnFailure } from '../evidence.ts';

/** More than a guest could read in a time that anyone would wait for. */
const MOST_BYTES = 4 * 2 ** 20;

/**
 * Reads it through a pool, lent where there is none.
 * @param onFailure hears why it cannot be read @throws HypervisorError where the connection broke
 */
export async function lookAtConfig(
  { ignition }: DomainFacts,
  context: VmContext,
  onFailure: OnFailure = () => {},
): Promise<ConfigEvidence | undefined> {
  if (ignition === undefined) return undefined;
  const directory = posix.dirname(ignition.file);
  try {
    const reading = withPoolOn(directory, context, async (pool) => {
      using found = await lookAt(pool, posix.basename(ignition.file), context);
      if (found?.facts.type !== 'file') return 'the file does not exist';
      const bytes = await found.volume.download(MOST_BYTES);
      const text = bytes && textOf(bytes);
      return (text === undefined ? undefined : readIgnition(text)) ?? 'it is no Ignition config';
    });
    return { ...ignition, facts: await reading };
  } catch (error) {
    if (isReason(error, 'busy')) throw error;
    const facts = whyNot(error, directory);
    onFailure(error);
    return { ...ignition, facts };
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
