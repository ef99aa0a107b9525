import { PlowError } from '../../../errors/plow-error.ts';
import { quote } from '../../../text/quote.ts';
import { xmlText } from '../../../views/xml-text.ts';
import { domainDocument, showDomain } from '../../../vm/show/show.ts';
import type { Environment } from '../../environment.ts';
import { checkVmName } from '../../options/vm-name.ts';
import { assertSeen, lookAtVm } from '../../run/hosts/look.ts';
import { hostName } from '../../run/hosts/several.ts';
import type { Settings } from '../../settings/settings.ts';
import { LACKS_ADDRESSES } from '../../run/lacks.ts';
import { linesOf } from './run.ts';
import type { ShowOptions } from './run.ts';

/**
 * `plow show <vm-name>` of several hosts: the VM of each that has one of this name, as they answer.
 * @throws PlowError where none has it, or one could not be asked; Interrupted
 */
export async function runShowOnHosts(
  name: string,
  { output: format, xml = false }: ShowOptions,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  checkVmName('show', name);
  if (xml) return showXml(name, all, environment);
  const { output } = environment;
  const look = { use: LACKS_ADDRESSES, forPrograms: format !== 'text' };
  const between = format === 'yaml' ? '---' : '';
  let isFirst = true;
  const search = await lookAtVm(name, all, look, environment, async (domain, { hypervisor }, settings) => {
    const details = await showDomain(domain, hypervisor);
    const lines = await linesOf(details, format, settings, environment, hostName(settings));
    if (!isFirst && format !== 'json') output.print(between);
    isFirst = false;
    for (const line of lines) output.print(line);
  });
  assertSeen(search);
}

/** Of one VM only, as virsh takes one. @throws PlowError, Interrupted */
async function showXml(name: string, all: readonly Settings[], environment: Environment): Promise<void> {
  const found: { readonly host: string; readonly document: string }[] = [];
  const look = { use: 'read-only', forPrograms: false } as const;
  const search = await lookAtVm(name, all, look, environment, async (domain, _, settings) => {
    found.push({ host: hostName(settings), document: await domainDocument(domain) });
  });
  const [one, other] = found;
  if (one !== undefined && other !== undefined) {
    const where = found
      .map(({ host }) => host)
      .toSorted()
      .join(' and ');
    throw new PlowError('config', `--xml prints one VM, and there is a VM ${quote(name)} on ${where}`, {
      hint: `${one.host}:${name} names one of them`,
    });
  }
  if (one !== undefined) environment.output.print(xmlText(one.document).trimEnd());
  assertSeen(search);
}
