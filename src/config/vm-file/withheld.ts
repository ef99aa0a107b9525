import type { CheckedText } from './check.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';

const WHY =
  'this file is reached by a link that leads out of its directory (give the file itself, or --allow-outside-files)';

/**
 * What is said of a file whose text is not to be shown: how much is wrong with it. A sound one is a VM, which
 * is no secret: what the hypervisor and other files have against it is told, without the line.
 */
export function withheld(checked: CheckedText): CheckedText {
  const { file, refusal, diagnostics, omitted } = checked;
  const bare = (text: string): Diagnostic => ({
    file,
    severity: refusal === undefined && diagnostics.length > 0 ? 'warning' : 'error',
    key: '',
    text,
    spot: undefined,
  });
  const count = diagnostics.length + omitted;
  const what = `${count} ${refusal === undefined ? 'warning' : 'mistake'}${count === 1 ? '' : 's'}`;
  return {
    ...checked,
    written: undefined,
    diagnostics: count === 0 ? [] : [bare(`${what}, not shown: ${WHY}`)],
    omitted: 0,
    // Of one with mistakes nothing is held against other files, which would tell what is in it.
    value: refusal === undefined ? checked.value : null,
    report: (path, text) => ({ ...checked.report(path, text), spot: undefined }),
  };
}
