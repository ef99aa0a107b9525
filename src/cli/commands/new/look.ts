import { dirname } from 'node:path';
import { checkFiles } from '../../../config/vm-file/check-files.ts';
import type { DefaultsByHost } from '../../../config/vm-file/to-machine.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { catalogOf } from '../../../images/catalog/from-settings.ts';
import { printable } from '../../../text/printable.ts';
import { takenByFiles } from '../../../vm/addresses/next.ts';
import type { Taken } from '../../../vm/addresses/next.ts';
import { offersOf } from '../../../vm/offers/offers.ts';
import type { Offers } from '../../../vm/offers/offers.ts';
import type { Environment } from '../../environment.ts';
import type { GlobalOptions } from '../../record/command.ts';
import { runReport } from '../../run/session.ts';
import { knownImages } from '../../settings/images.ts';
import type { Places } from '../../settings/places.ts';
import { vmFileReader } from '../../settings/vm-files.ts';
import { ownKeys } from './keys.ts';
import type { Known } from './questions.ts';

export interface Surroundings {
  readonly globals: GlobalOptions;
  readonly places: Places;
  readonly environment: Environment;
}

type Seen = Omit<Known, 'vm'>;

/** What is known without asking anybody: images that can be pulled. @throws PlowError (config) */
export async function knownAnyway({ environment, globals }: Surroundings): Promise<Seen> {
  const { images } = await knownImages(globals, environment);
  const catalog = catalogOf(images).map(({ name, description, needs }) => {
    const guest = needs.provisioning === 'ignition' ? ('ignition' as const) : ('cloud-init' as const);
    return { name, description, guest };
  });
  return { offers: undefined, catalog, keys: [], taken: new Map() };
}

/**
 * What there is to choose from: of the hypervisor, of the user, and what VM files beside the new one have
 * taken. A hypervisor that cannot be asked is told of, and offers nothing.
 * @param file to be written @throws PlowError (config) for wrong settings, Interrupted
 */
export async function lookAround(
  file: string | undefined,
  defaults: DefaultsByHost,
  around: Surroundings,
): Promise<Seen> {
  const [keys, { catalog }] = await Promise.all([ownKeys(around.environment), knownAnyway(around)]);
  const ofFiles = await takenBeside(file ?? '.', defaults, around);
  const offers = await offered(around);
  return { keys, catalog, offers, taken: new Map([...(offers?.taken ?? []), ...ofFiles]) };
}

async function offered({ places, environment }: Surroundings): Promise<Offers | undefined> {
  const { output } = environment;
  const use = { lacks: 'not all of its images are offered' };
  try {
    const offers = await runReport(places.usual, environment, undefined, offersOf, use);
    for (const one of offers.unseen) output.say(printable(`note: not looked at: ${one}`));
    return offers;
  } catch (error) {
    if (!(error instanceof PlowError)) throw error;
    const [why = ''] = error.message.split('\n');
    output.say(printable(`note: the hypervisor offers nothing, as it could not be asked: ${why}`));
    return undefined;
  }
}

/** By the VM files of a directory; those that are wrong have taken nothing. */
async function takenBeside(file: string, defaults: DefaultsByHost, { places }: Surroundings): Promise<Taken> {
  const directory = file === '-' || file === '.' ? '.' : dirname(file);
  const checked = await checkFiles([directory], defaults, vmFileReader(places.usual, {}));
  return takenByFiles(
    checked.flatMap(({ machine, file: where }) => (machine === undefined ? [] : [{ machine, where }])),
  );
}
