import type { Command } from 'commander';
import type { Environment } from './environment.ts';

/** The same as `plow --version`: what other tools have people try. */
export function addVersion(program: Command, { output, version }: Environment): void {
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
    .action(() => output.print(version));
}
