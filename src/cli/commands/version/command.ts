import type { Command } from 'commander';
import type { Environment } from '../../environment.ts';
import { refuseWrongConfig } from '../../settings/files.ts';

/** The same as `plow --version`: what other tools have people try. */
export function addVersion(program: Command, environment: Environment): void {
  program
    .command('version')
    .description('print the version of plow, as plow --version does')
    .addHelpText(
      'after',
      `
Those of libvirt and QEMU on a hypervisor are in plow doctor.

Example:
  plow version`,
    )
    .action(async (_options: object, command: Command) => {
      await refuseWrongConfig(command.optsWithGlobals(), environment);
      environment.output.print(environment.version);
    });
}
