import { withoutPassword } from '../../../text/secrets.ts';
import { xmlText } from '../../../views/xml-text.ts';
import { showVm, vmDocument } from '../../../vm/show/show.ts';
import type { VmDetails } from '../../../vm/show/details.ts';
import type { Environment } from '../../environment.ts';
import { LACKS_ADDRESSES } from '../../run/lacks.ts';
import { withHypervisor } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';
import { checkVmName } from '../../options/vm-name.ts';

export interface ShowOptions {
  readonly output: 'text' | 'json' | 'yaml';
  readonly xml?: boolean;
}

/** `plow show <vm-name>` */
export async function runShow(
  name: string,
  { output: format, xml = false }: ShowOptions,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  checkVmName('show', name);
  const { output } = environment;
  if (xml) {
    const document = await withHypervisor(
      settings,
      environment,
      (hypervisor) => vmDocument(name, hypervisor),
      'read-only',
    );
    return output.print(xmlText(document).trimEnd());
  }
  // Guests are not asked over a connection that is read-only.
  await withHypervisor(
    settings,
    environment,
    async (hypervisor) => {
      const details = await showVm(name, hypervisor);
      // Closing waits a second for a QEMU that does not answer: nobody needs to.
      for (const line of await linesOf(details, format, settings, environment)) output.print(line);
    },
    LACKS_ADDRESSES,
  );
}

/** @param host of several: then a document for programs is one line */
export async function linesOf(
  details: VmDetails,
  format: ShowOptions['output'],
  { uri }: Settings,
  { output }: Environment,
  host?: string,
): Promise<readonly string[]> {
  if (format === 'text') {
    const { showLines } = await import('../../../views/show/text.ts');
    const paint = output.color ? (await import('../../../terminal/colours.ts')).paint : undefined;
    return showLines(details, new Date(), paint, host);
  }
  const { documentText } = await import('../../../documents/serialize.ts');
  const { showDocument } = await import('../../../views/show/document.ts');
  const document = showDocument(withoutPassword(uri), details, host);
  if (host === undefined || format === 'yaml') return [documentText(document, format)];
  const { jsonDocument } = await import('../../../documents/json-text.ts');
  return [jsonDocument(document, 'line')];
}
