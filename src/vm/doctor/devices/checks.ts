import { ARCHITECTURES } from '../../../config/architectures.ts';
import { readCapabilities } from '../../../libvirt-xml/read/capabilities.ts';
import { readTpm } from '../../../libvirt-xml/domain/devices/tpm.ts';
import { readShares } from '../../../libvirt-xml/domain/devices/share.ts';
import { readExtras } from '../../../libvirt-xml/domain/extras/read.ts';
import { parseIfPossible } from '../../../libvirt-xml/read/parse.ts';
import type { XmlElement } from '../../../libvirt-xml/read/parse.ts';
import type { LocalFacts } from '../../../hypervisor/local.ts';
import { isVirtiofsdThere } from '../../features/virtiofsd.ts';
import { judgeOne } from '../../features/ask.ts';
import { SWTPM, VIRTIOFSD } from '../../features/table.ts';
import type { FeatureName } from '../../features/table.ts';
import { installingThere } from '../../installing-there.ts';
import type { DoctorCode } from '../../../config/values/doctor-codes.ts';
import type { Packages } from '../../../text/installing.ts';
import type { Examination, Finding } from '../finding.ts';
import { ok, unknown, warning } from '../finding.ts';

/** Something that few VMs have, and that the hypervisor must have for them. */
interface Wanted {
  readonly feature: FeatureName;
  readonly code: DoctorCode;
  readonly there: string;
  readonly missing: string;
  readonly packages: Packages;
  readonly isIn: (domain: XmlElement) => boolean;
  /** What libvirt does not tell of it; undefined: nobody can. */
  readonly isThere?: (local: LocalFacts | undefined) => Promise<boolean | undefined>;
}

export function checkTpm(examination: Examination): Promise<Finding> {
  return checkDevice(examination, {
    feature: 'tpm',
    code: 'tpm-missing',
    there: 'swtpm is there, for VMs with a TPM',
    missing: 'there is no swtpm that plays a TPM 2.0',
    packages: SWTPM,
    isIn: (domain) => readTpm(domain.first('devices')),
  });
}

export function checkSecureBoot(examination: Examination): Promise<Finding> {
  return checkDevice(examination, {
    feature: 'secure-boot',
    code: 'secure-boot-missing',
    there: 'UEFI firmware with Secure Boot is there',
    missing: 'libvirt finds no UEFI firmware with Secure Boot',
    packages: ARCHITECTURES.x86_64.packages.uefi,
    isIn: (domain) => readExtras(domain).hasSecureBoot,
  });
}

export function checkVirtiofs(examination: Examination): Promise<Finding> {
  return checkDevice(examination, {
    feature: 'virtiofs',
    code: 'virtiofsd-missing',
    there: 'virtiofsd is there, for VMs that share directories',
    missing: 'there is no virtiofsd that serves directories to guests',
    packages: VIRTIOFSD,
    isIn: (domain) => readShares(domain.first('devices')).length > 0,
    isThere: isVirtiofsdThere,
  });
}

/** Who has no VM that wants it is told, and nothing is wrong. */
async function checkDevice(examination: Examination, wanted: Wanted): Promise<Finding> {
  const { context, host, documents } = examination;
  const { arch, virtTypes } = readCapabilities(await host.capabilities());
  const [virtType] = virtTypes;
  if (virtType === undefined) return unknown('there is no QEMU');
  const { machineType } = ARCHITECTURES[arch];
  const { has, why } = await judgeOne(wanted.feature, host, { arch, virtType, machineType });
  if (has === undefined) return unknown(why);
  const { local } = context.hypervisor;
  const isThere = has && wanted.isThere !== undefined ? await wanted.isThere(local) : has;
  if (isThere === undefined) return unknown(`${why}; the program that it needs only that machine shows`);
  if (isThere) return ok(wanted.there);
  const repair = await installingThere(wanted.packages, local);
  const users = (await documents()).filter(({ stored }) => {
    const domain = parseIfPossible(stored);
    return domain !== undefined && wanted.isIn(domain);
  });
  const [first] = users;
  if (first === undefined) return ok(`${wanted.missing}, and no VM has need of one`);
  const more = users.length === 1 ? '' : ` and ${users.length - 1} more`;
  return warning(wanted.code, { text: `${wanted.missing}: VM '${first.name}'${more} cannot start`, repair });
}
