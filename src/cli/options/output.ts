import type { OptionRecord } from '../record/command.ts';

export interface OutputFormat {
  readonly output: 'text' | 'json';
}

/** `-o json` */
export function outputOption(about = 'text for people, or one document for programs'): OptionRecord {
  return { flags: '-o, --output <format>', about, choices: ['text', 'json'], defaultValue: 'text' };
}

/** `-q` @param conflicts options that say what is printed, in camel case */
export function quietOption(...conflicts: readonly string[]): OptionRecord {
  return { flags: '-q, --quiet', about: 'print errors only', conflicts };
}
