import { DOCUMENT_NAMES } from '../../../documents/document.ts';
import type { CommandRecord } from '../../record/command.ts';
import { refuseWrongConfig } from '../../settings/files.ts';
import type { runSchema } from './run.ts';

interface Options {
  readonly output: 'json' | 'markdown';
}

/** A kind of file, or a document. */
type SchemaName = Parameters<typeof runSchema>[0];

const WHAT: readonly SchemaName[] = ['vm', 'images-lock', 'network', ...DOCUMENT_NAMES];

export const schema: CommandRecord<readonly [SchemaName], Options> = {
  name: 'schema',
  about: 'print a JSON Schema: of VM files, for editors, or of what other commands print',
  summary: 'print the JSON Schema of VM files, or of what commands print',
  args: [
    {
      usage: '[what]',
      about:
        'VM files, locks of images, network files of hypervisors, or the document of a command (result: create, destroy, start and the like; plan: create --dry-run) or of a failure',
      choices: WHAT,
      defaultValue: 'vm',
    },
  ],
  options: [
    {
      flags: '-o, --output <format>',
      about: 'a schema for programs or a page about every key',
      choices: ['json', 'markdown'],
      defaultValue: 'json',
    },
  ],
  notes: `A file that names the schema in its first line is checked and completed by editors
with the YAML language server:
  # yaml-language-server: $schema=vm.schema.json`,
  examples: [
    'plow schema > vm.schema.json',
    'plow schema -o markdown',
    'plow schema list',
  ],
  async run({ args: [what], options: { output }, globals, environment }) {
    await refuseWrongConfig(globals, environment);
    const { runSchema } = await import('./run.ts');
    runSchema(what, output, environment);
    return 0;
  },
};
