import type { DraftValues } from '../../config/draft/draft.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import type { ExportedVm } from '../export/export-vm.ts';
import { PASSWORD_FILE } from '../export/parts/screen.ts';
import { readDocument } from '../read-document.ts';

/** The screen that a clone has. */
export interface CloneScreen {
  readonly vnc: DraftValues['vnc'];
  /** A password that it names. */
  readonly texts: ReadonlyMap<string, string>;
  /** What of it is not as the source has it. */
  readonly changed: readonly string[];
}

/**
 * That of the source, at a port of its own, as both may run, and with its password, which libvirt is asked
 * for.
 * @throws HypervisorError
 */
export async function screenOfClone({ domain, draft }: ExportedVm): Promise<CloneScreen> {
  const { vnc } = draft.values;
  if (typeof vnc !== 'object') return { vnc, texts: new Map(), changed: [] };
  const changed =
    vnc.port === undefined ? [] : [`its screen has another port than ${vnc.port}, which the VM has`];
  const open = { ...vnc, port: undefined };
  if (vnc.password_file === undefined) return { vnc: open, texts: new Map(), changed };
  const { name } = domain;
  const whole = readDomain(readDocument({ name, xml: await domain.wholeDocument() })).vnc;
  if (whole?.password !== undefined && whole.password !== '')
    return { vnc: open, texts: new Map([[PASSWORD_FILE, whole.password]]), changed };
  return {
    vnc: { ...open, password_file: undefined, one_time_password: true },
    texts: new Map(),
    changed: [
      ...changed,
      'its screen lets nobody in but with plow vnc --password, as the VM has no password',
    ],
  };
}
