import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { DOCUMENT_NAMES } from '../../../documents/document.ts';
import type { DocumentName } from '../../../documents/document.ts';
import type { Environment } from '../../environment.ts';
import { refuseWrongConfig } from '../../settings/files.ts';

interface Options {
  readonly output: 'json' | 'markdown';
}

export function addSchema(program: Command, environment: Environment): void {
  program
    .command('schema')
    .description('print a JSON Schema: of VM files, for editors, or of what other commands print')
    .addArgument(
      new Argument(
        '[what]',
        'vm files, or the document of a command (result: create and destroy; plan: create --dry-run) or of a failure',
      )
        .choices(['vm', ...DOCUMENT_NAMES])
        .default('vm'),
    )
    .addOption(
      new Option('-o, --output <format>', 'a schema for programs or a page about every key')
        .choices(['json', 'markdown'])
        .default('json'),
    )
    .addHelpText(
      'after',
      `
A file that names the schema in its first line is checked and completed by editors
with the YAML language server:
  # yaml-language-server: $schema=vm.schema.json

Examples:
  plow schema > vm.schema.json
  plow schema -o markdown
  plow schema list`,
    )
    .action(async (what: 'vm' | DocumentName, { output }: Options, command: Command) => {
      await refuseWrongConfig(command.optsWithGlobals(), environment);
      const { runSchema } = await import('./run.ts');
      runSchema(what, output, environment);
    });
}
