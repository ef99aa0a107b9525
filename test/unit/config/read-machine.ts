import { readMachineFiles } from '../../../src/config/vm-file/load.ts';
import type { LoadedMachine } from '../../../src/config/machine.ts';

/** The machine of one file. @throws PlowError as readMachineFiles */
export async function readMachineFile(
  file: string,
  defaults: Parameters<typeof readMachineFiles>[1],
): Promise<LoadedMachine> {
  const [loaded] = await readMachineFiles([file], defaults);
  if (loaded === undefined) throw new Error('there is no machine');
  return loaded;
}
