import type { CommandRecord } from '../../record/command.ts';
import { refuseWrongConfig } from '../../settings/files.ts';

/** The same as `plow --version`: what other tools have people try. */
export const version: CommandRecord = {
  name: 'version',
  about: 'print the version of plow, as plow --version does',
  notes: `plow doctor prints the versions of libvirt and QEMU.`,
  examples: ['plow version'],
  async run({ globals, environment }) {
    await refuseWrongConfig(globals, environment);
    environment.output.print(environment.version);
    return 0;
  },
};
