import { Option } from 'commander';

export interface OutputFormat {
  readonly output: 'text' | 'json';
}

/** `-o json` */
export function outputOption(words = 'lines for people or one document for programs'): Option {
  const option = new Option('-o, --output <format>', words);
  return option.choices(['text', 'json']).default('text');
}

/** `-q` */
export function quietOption(): Option {
  return new Option('-q, --quiet', 'print errors only');
}
