import { checkFiles } from '../../../config/vm-file/check-files.ts';
import type { CheckedText } from '../../../config/vm-file/check.ts';
import { omission } from '../../../config/diagnostics/diagnostic.ts';
import { EXIT_CODES } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { diagnosticLines } from '../../../views/validation/lines.ts';
import type { Environment } from '../../environment.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import type { Settings } from '../../settings/settings.ts';
import type { checkOnHost, Finding, HostReport } from './host.ts';
import { vmFileReader } from '../../settings/vm-files.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import { validationDocument } from '../../../views/validation/document.ts';

/** Of a pipe, or of a terminal that does not know its width. */
const USUAL_COLUMNS = 100;

export interface ValidateOptions extends OutsideFiles {
  /** Ask the hypervisor as well. */
  readonly host: boolean;
  /** One document for programs instead of lines for people. */
  readonly json: boolean;
  /** Mistakes only: no warnings, and no sum. */
  readonly quiet: boolean;
}

/**
 * `plow validate <file...>`
 * @returns the exit code: that of the worst there is
 * @throws PlowError where the hypervisor cannot be asked
 */
export async function runValidate(
  files: readonly string[],
  { host, json, quiet, ...outside }: ValidateOptions,
  settings: Settings,
  environment: Environment,
): Promise<number> {
  const { output } = environment;
  const columns = environment.columns || USUAL_COLUMNS;
  const read = await checkFiles(files, settings, vmFileReader(settings, outside, true));
  const checked = read.some(({ localImage }) => localImage !== undefined)
    ? await (await import('./local-images.ts')).withImagesJudged(read)
    : read;
  if (!json) for (const file of checked) say(output, fileLines(file, columns, quiet));
  const report = host ? await askHost(checked, settings, environment) : undefined;
  const { findings = [], notChecked = [] } = report ?? {};
  if (json) {
    const diagnostics = findings.map(({ diagnostic }) => diagnostic);
    output.print(jsonDocument(validationDocument(checked, diagnostics, report?.notChecked), 'indented'));
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

function say(output: Environment['output'], lines: readonly string[]): void {
  if (lines.length > 0) output.say(lines.join('\n'));
}

function fileLines(
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

function findingLines({ kind, diagnostic }: Finding, columns: number): readonly string[] {
  return kind === 'storage' ? [`error: ${printable(diagnostic.text)}`] : diagnosticLines(diagnostic, columns);
}

/** `3 files: 2 valid, 1 with mistakes` */
function summary(files: readonly CheckedText[], findings: readonly Finding[]): string {
  const faulty = new Set(findings.map(({ diagnostic }) => diagnostic.file));
  const wrong = files.filter(({ file, refusal }) => refusal !== undefined || faulty.has(file)).length;
  const counted = `${files.length} ${files.length === 1 ? 'file' : 'files'}: ${files.length - wrong} valid`;
  return wrong === 0 ? counted : `${counted}, ${wrong} with mistakes`;
}

function exitCode(files: readonly CheckedText[], findings: readonly Finding[]): number {
  const kinds = new Set([...files.map(({ refusal }) => refusal), ...findings.map(({ kind }) => kind)]);
  const worst = (['config', 'validation', 'storage'] as const).find((kind) => kinds.has(kind));
  return worst === undefined ? 0 : EXIT_CODES[worst];
}
