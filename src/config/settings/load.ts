import { PlowError } from '../../errors/plow-error.ts';
import { checkYaml } from '../schema/check.ts';
import type { Form } from '../schema/check.ts';
import { asMistake, describe, omission, whereIs } from '../diagnostics/diagnostic.ts';
import { DiagnosticReporter } from '../diagnostics/reporter.ts';
import type { ConfigPath } from '../machine.ts';
import { settingsMistakes } from './rules.ts';
import { settingsFile, settingsKeys, settingsPartsWith } from './schema.ts';
import type { SettingsValues } from './schema.ts';
import { readYaml } from '../yaml/tree.ts';

const FORM: Form<SettingsValues> = {
  schema: settingsFile,
  vocabulary: { knownKeys: settingsKeys, partsWith: settingsPartsWith },
  rules: settingsMistakes,
};

/** plow's own settings, as a file has them. */
export interface SettingsFile {
  readonly file: string;
  readonly values: SettingsValues;
  /**
   * Why others than root and the user may have written it, in words; only a file that was named may be such a
   * one.
   */
  readonly foreign?: string | undefined;
  /** `file:line:column` of a value. */
  readonly whereIs: (path: ConfigPath) => string;
}

/**
 * The settings that a YAML text holds. Nothing at all is a file without settings.
 * @param file name of the text for messages
 * @throws PlowError of kind `config`: one line for each mistake, in the order of the file
 */
export function loadSettings(file: string, text: string): SettingsFile {
  const tree = readYaml(text.replace(/^\uFEFF/, ''));
  const reporter = new DiagnosticReporter(file, tree);
  const checked = checkYaml(tree, tree.root.value ?? {}, FORM);
  if (!checked.ok) {
    const { diagnostics, omitted } = reporter.all('error', checked.mistakes);
    const lines = [...diagnostics.map(describe), ...omission(file, omitted)];
    throw new PlowError('config', lines.join('\n'), { mistakes: diagnostics.map(asMistake) });
  }
  return {
    file,
    values: checked.value,
    whereIs: (path) => whereIs(reporter.one('error', { path, text: '' })),
  };
}
