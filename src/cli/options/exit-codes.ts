import { EXIT_CODES } from '../../errors/plow-error.ts';

export interface ExitCode {
  readonly code: string;
  readonly meaning: string;
  /** What the meaning leaves open. */
  readonly more?: string;
}

/** What a plow ends with: for --help, the man page and README. */
export const EXIT_CODE_TABLE: readonly ExitCode[] = [
  { code: '0', meaning: 'success' },
  {
    code: String(EXIT_CODES.config),
    meaning: 'configuration error',
    more: 'the command line, a file that cannot be read or parsed, or output that cannot be written; the message says what was done nevertheless',
  },
  {
    code: String(EXIT_CODES.validation),
    meaning: 'validation error',
    more: 'a value breaks a rule, or the hypervisor does not have what it names',
  },
  { code: String(EXIT_CODES.connection), meaning: 'libvirt connection error' },
  { code: String(EXIT_CODES.operation), meaning: 'VM operation error' },
  { code: String(EXIT_CODES.storage), meaning: 'storage error' },
  { code: '70', meaning: 'a bug in plow' },
  {
    code: '129, 130, 143',
    meaning: 'interrupted by SIGHUP, SIGINT or SIGTERM',
    more: 'a create has taken back what it made, the others go on when run again; the last line says how things stand',
  },
];
