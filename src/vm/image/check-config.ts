import type { Machine } from '../../config/machine.ts';
import { overridden } from '../../provision/ignition/overrides.ts';
import { artefactsOf } from '../../provision/provisioner.ts';
import { quote } from '../../text/quote.ts';
import type { Inspection } from '../host/inspection.ts';

const KIB = 2 ** 10;
/** The guest reads it byte by byte, in a time that grows with the square of its size. */
const MOST_BYTES = 512 * KIB;
const LARGE_BYTES = 128 * KIB;
/** What host keys add, which are made later. */
const HOST_KEYS_BYTES = 4 * KIB;

/** What is wrong with a config of Ignition. @returns what is wrong with the storage path, a line each */
export function inspectConfig(machine: Machine, { report, doubt, context }: Inspection): readonly string[] {
  const { provisioning } = machine;
  const artefacts = artefactsOf(machine, { createdAt: new Date(0) });
  if (provisioning === undefined || artefacts?.kind !== 'firmware') return [];
  const { section, sshHostKeys, ignition } = provisioning;
  const bytes = artefacts.file.bytes.length + (sshHostKeys ? HOST_KEYS_BYTES : 0);
  const path = ignition.config === undefined ? [section] : [section, 'ignition', 'config'];
  const size = `the Ignition config has ${Math.ceil(bytes / KIB)} KiB`;
  const way = 'put what is large behind a URL that a config of your own names (ignition.config)';
  if (bytes > MOST_BYTES)
    report(
      path,
      `${size}, and firmware hands on ${MOST_BYTES / KIB} KiB in a time that can be waited for: ${way}`,
    );
  else if (bytes >= LARGE_BYTES)
    doubt?.(path, `${size}, which the guest reads slowly, in seconds of its first boot: ${way}`);
  const names = overridden(machine, provisioning);
  if (names.length > 0)
    doubt?.(
      path,
      `it has the last word on what plow writes too: ${names.map((name) => quote(name)).join(', ')}`,
    );
  const { storagePath } = context;
  return storagePath.includes(',')
    ? [
        `the storage path ${storagePath} has a comma, which libvirt does not tell from the end of a name when it hands the Ignition config on: give another with --storage-path`,
      ]
    : [];
}
