import { Option } from 'commander';

export interface OutputFormat {
  readonly output: 'text' | 'json';
}

/** `-o json` */
export function outputOption(): Option {
  const option = new Option('-o, --output <format>', 'lines for people or one document for programs');
  return option.choices(['text', 'json']).default('text');
}
