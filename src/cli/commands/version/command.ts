import type { CommandRecord } from '../../record/command.ts';
import { refuseWrongConfig } from '../../settings/files.ts';

/** The same as `plow --version`: what other tools have people try. */
export const version: CommandRecord = {
  name: 'version',
  about: 'print the version of plow, as plow --version does',
  notes: `Those of libvirt and QEMU on a hypervisor are in plow doctor.`,
  examples: ['plow version'],
  async run({ globals, environment }) {
    await refuseWrongConfig(globals, environment);
    environment.output.print(environment.version);
    return 0;
  },
};
