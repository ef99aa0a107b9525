import type { Extras, FwCfgFile } from '../../../config/machine/extras.ts';
import { IGNITION_NAMES } from '../../../config/values/extras.ts';
import { isIgnitionFile } from '../../../config/vm-paths.ts';
import { metadataInDomain } from '../../metadata/read.ts';
import { readShares } from '../devices/share.ts';
import { readTpm } from '../devices/tpm.ts';
import { readWatchdog } from '../devices/watchdog.ts';
import type { XmlElement } from '../../read/parse.ts';
import { readFwCfg } from './fw-cfg.ts';

/** As far as a VM file has words for it. */
export interface ExtraFacts extends Extras {
  /** With Secure Boot: whether the firmware begins with the keys of its maker; undefined: nobody says. */
  readonly areKeysEnrolled: boolean | undefined;
}

export function readExtras(domain: XmlElement): ExtraFacts {
  const devices = domain.first('devices');
  const ignition = readIgnitionFile(domain);
  const threads = Number(domain.first('iothreads')?.text() ?? '0');
  return {
    fwCfg: readFwCfg(domain).filter(({ file }) => file !== ignition?.file),
    hasTpm: readTpm(devices),
    hasSecureBoot:
      feature(domain, 'secure-boot') ?? domain.first('os', 'loader')?.attribute('secure') === 'yes',
    areKeysEnrolled: feature(domain, 'enrolled-keys'),
    watchdog: readWatchdog(devices),
    shares: readShares(devices),
    ioThreads: Number.isSafeInteger(threads) && threads > 0 ? threads : undefined,
  };
}

/**
 * What a guest of Ignition was set up with: plow's lies in the VM's own directory. In a VM of others it is
 * what has both names of such a config. Any other file is a file, whatever it is called.
 */
export function readIgnitionFile(domain: XmlElement): FwCfgFile | undefined {
  const files = readFwCfg(domain);
  if (files.length === 0) return undefined;
  const directory = metadataInDomain(domain)?.directory;
  if (directory !== undefined) return files.find(({ file }) => isConfigIn(directory, file));
  return files.find(
    ({ name, file }) => IGNITION_NAMES.has(name) && isConfigIn(file.slice(0, file.lastIndexOf('/')), file),
  );
}

function isConfigIn(directory: string, file: string): boolean {
  return file.startsWith(`${directory}/`) && isIgnitionFile(file.slice(directory.length + 1));
}

/** What a domain wants of its firmware. */
function feature(domain: XmlElement, name: string): boolean | undefined {
  const found = domain.all('os', 'firmware', 'feature').find((one) => one.attribute('name') === name);
  return found && found.attribute('enabled') === 'yes';
}
