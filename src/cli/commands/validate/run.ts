import { checkFiles } from '../../../config/vm-file/check-files.ts';
import type { CheckedText } from '../../../config/vm-file/check.ts';
import { omission } from '../../../config/diagnostics/diagnostic.ts';
import { EXIT_CODES } from '../../../errors/plow-error.ts';
import type { FailureKind } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { diagnosticLines } from '../../../views/validation/lines.ts';
import type { GuardOf } from '../../run/address-guard.ts';
import type { Environment } from '../../environment.ts';
import type { Settings } from '../../settings/settings.ts';
import type { checkOnHost, Finding, HostReport, Subject } from './host.ts';
import type { VmFileReader } from '../../../config/vm-file/reader.ts';
import type { DefaultsByHost } from '../../../config/vm-file/to-machine.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import { validationDocument } from '../../../views/validation/document.ts';

/** Of a pipe, or of a terminal that does not know its width. */
export const USUAL_COLUMNS = 100;

export interface ValidateOptions {
  /** Ask the hypervisor as well. */
  readonly host: boolean;
  /** One document for programs instead of lines for people. */
  readonly json: boolean;
  /** Mistakes only: no warnings, and no sum. */
  readonly quiet: boolean;
  /** Where the hypervisor is asked. */
  readonly guardOf?: GuardOf;
  /** Of all files. */
  readonly reader: VmFileReader;
}

/**
 * `plow validate <file...>`
 * @returns the exit code: that of the worst there is
 * @throws PlowError where the hypervisor cannot be asked
 */
export async function runValidate(
  files: readonly string[],
  { host, json, quiet, guardOf, reader }: ValidateOptions,
  settings: Settings & DefaultsByHost,
  environment: Environment,
): Promise<number> {
  const { output } = environment;
  const columns = environment.columns || USUAL_COLUMNS;
  const read = await checkFiles(files, settings, reader);
  const checked = read.some(({ localImage, localMedium }) => (localImage ?? localMedium) !== undefined)
    ? await (await import('./local-images.ts')).withImagesJudged(read)
    : read;
  if (!json) for (const file of checked) say(output, fileLines(file, columns, quiet));
  const report = host ? await askHost(checked, guardOf?.(settings), settings, environment) : undefined;
  const { findings = [], notChecked = [] } = report ?? {};
  if (json) {
    output.print(jsonDocument(validationDocument(checked, findings, report?.notChecked), 'indented'));
  } else {
    for (const finding of findings) say(output, findingLines(finding, columns));
    const rest = host
      ? printable((await import('../../../vm/host/not-checked.ts')).countNotChecked(notChecked) ?? '')
      : '';
    if (!quiet) output.say([summary(checked, findings), rest].filter((part) => part !== '').join('; '));
  }
  return exitCode(checked, findings);
}

async function askHost(...args: Parameters<typeof checkOnHost>): Promise<HostReport> {
  return (await import('./host.ts')).checkOnHost(...args);
}

export function say(output: Environment['output'], lines: readonly string[]): void {
  if (lines.length > 0) output.say(lines.join('\n'));
}

/** What is wrong with a file by itself. */
export function fileLines(
  { file, diagnostics, omitted }: CheckedText,
  columns: number,
  mistakesOnly: boolean,
): readonly string[] {
  const shown = diagnostics.filter(({ severity }) => !mistakesOnly || severity === 'error');
  return [
    ...shown.flatMap((diagnostic) => diagnosticLines(diagnostic, columns)),
    ...omission(file, omitted).map((line) => `error: ${printable(line)}`),
  ];
}

/** What a hypervisor has against one, with the name of the host where it is one of several. */
export function findingLines({ kind, diagnostic, host }: Finding, columns: number): readonly string[] {
  const lines =
    kind === 'storage' ? [`error: ${printable(diagnostic.text)}`] : diagnosticLines(diagnostic, columns);
  if (host === undefined) return lines;
  return lines.map((line, at) => (at === 0 ? line.replace(/^\w+: /u, (mark) => `${mark}${host}: `) : line));
}

/** `3 files: 2 valid, 1 with mistakes`; `1 file, 3 VMs: 3 valid` */
export function summary(vms: readonly CheckedText[], findings: readonly Finding[]): string {
  const faulty = new Set(findings.map(({ subject }) => nameOf(subject)));
  const wrong = vms.filter((vm) => vm.refusal !== undefined || faulty.has(nameOf(vm))).length;
  const files = new Set(vms.map(({ file }) => file)).size;
  const ofFiles = `${files} ${files === 1 ? 'file' : 'files'}`;
  const counted = `${files === vms.length ? ofFiles : `${ofFiles}, ${vms.length} VMs`}: ${vms.length - wrong} valid`;
  return wrong === 0 ? counted : `${counted}, ${wrong} with mistakes`;
}

function nameOf({ file, ordinal = 0 }: Subject): string {
  return `${ordinal} ${file}`;
}

function exitCode(files: readonly CheckedText[], findings: readonly Finding[]): number {
  const worst = worstKind(files, findings);
  return worst === undefined ? 0 : EXIT_CODES[worst];
}

/** What is wrong with the files as a whole. */
export function worstKind(
  files: readonly CheckedText[],
  findings: readonly Finding[],
): FailureKind | undefined {
  const kinds = new Set([...files.map(({ refusal }) => refusal), ...findings.map(({ kind }) => kind)]);
  return (['config', 'validation', 'storage'] as const).find((kind) => kinds.has(kind));
}
