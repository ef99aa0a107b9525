import type { NotHere } from '../../hypervisor/local.ts';
import type { Examination, Finding } from './finding.ts';
import { unknown } from './finding.ts';

const NO = "plow does not run on the hypervisor's own machine";
const PERHAPS = "plow may not run on the hypervisor's own machine";

const WHY: Readonly<Record<NotHere, string>> = {
  hidden: `${NO}: the process of libvirt's server is not to be seen from here`,
  'other-files': `${NO}: libvirt's server has other file systems (another mount namespace)`,
  'other-network': `${NO}: libvirt's server has another network (another network namespace)`,
  relay: `${PERHAPS}: what listens at libvirt's socket is no server of libvirt`,
  untold: `${PERHAPS}: libvirt's server could not be looked at`,
};

/** Nothing is said where the URI names another machine, nor where this one is the hypervisor's own. */
export async function checkPlace({ context }: Examination): Promise<readonly Finding[]> {
  const { notHere } = context.hypervisor;
  return notHere === undefined ? [] : [unknown(`files and links, as ${WHY[notHere]}`)];
}
