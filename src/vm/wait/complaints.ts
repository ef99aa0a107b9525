/** Something that cloud-init warned of on the console. */
export interface Complaint {
  /** Of cloud-init's modules, such as `write-files`, else the part of its program. */
  readonly module: string;
  readonly text: string;
  /** False of a warning that does not say that anything failed. */
  readonly isError: boolean;
}

const MOST = 20;

/** `2026-01-02 03:04:05,678 - util.py[WARNING]: ...`, whatever is before it. */
const COMPLAINT =
  / - (?<part>[\w.-]{1,60}?)(?:\.py)?\[(?<level>WARNING|ERROR|CRITICAL)\]: (?<text>.{1,300})/u;
/** Of a module that failed cloud-init says so twice, once with its name and class. */
const MODULE = /(?:Running|run) module (?<module>[\w-]{1,40}) \(/u;
const FAILS =
  /fail|error|unable|could not|cannot|can't|invalid|unhandled|not found|denied|no such|traceback|exception/iu;
/** What cloud-init's programs print, scripts of the user too; not its tables. */
const SAID = /cloud-init\[\d{1,9}\]: (?!ci-info:|Cloud-init v\.)(?<text>.{1,200})/u;

export function complaintIn(line: string): Complaint | undefined {
  const { part, level, text } = COMPLAINT.exec(line)?.groups ?? {};
  if (part === undefined || text === undefined) return undefined;
  const isError = level !== 'WARNING' || FAILS.test(text);
  const module = MODULE.exec(text)?.groups?.['module'];
  return module === undefined ? { module: part, text, isError } : { module, text: 'failed', isError };
}

/** What was printed before something failed says why, more often than not. */
export function saidIn(line: string): string | undefined {
  return COMPLAINT.test(line) ? undefined : SAID.exec(line)?.groups?.['text'];
}

/** With one more, unless it says nothing new. @param said before it */
export function withComplaint(
  all: readonly Complaint[],
  complaint: Complaint,
  said: string | undefined,
): readonly Complaint[] {
  const { module, text } = complaint;
  const isKnown = all.some((one) => one.module === module && (text === 'failed' || one.text === text));
  if (isKnown || all.length >= MOST) return all;
  const isExplained = text === 'failed' && said !== undefined;
  return [...all, isExplained ? { ...complaint, text: `failed: ${said}` } : complaint];
}
