import type { Completer } from './command.ts';

export const YAML_FILES: Completer = { kind: 'files', endings: ['yaml', 'yml'] };
