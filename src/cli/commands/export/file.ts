import { checkText } from '../../../config/vm-file/check.ts';
import type { CheckedText } from '../../../config/vm-file/check.ts';
import { tidy } from '../../../config/draft/draft.ts';
import type { Draft } from '../../../config/draft/draft.ts';
import { seedSection } from '../../../config/draft/seed-section.ts';
import { hideSecrets } from '../../../config/draft/hide-secrets.ts';
import { holdsSecrets } from '../../../text/secrets.ts';
import { draftText } from '../../../views/export/draft-text.ts';
import { PASSWORD_FILE } from '../../../vm/export/parts/screen.ts';
import type { ExportedVm } from '../../../vm/export/export-vm.ts';
import type { Settings } from '../../settings/settings.ts';

/** Files that describe a VM. */
export interface ExportedFile {
  /** Without a directory. */
  readonly name: string;
  readonly text: string;
  /** As plow would read it. */
  readonly checked: CheckedText;
  /** How much the file says in comments. */
  readonly notes: number;
  /** A user-data document that the file names. */
  readonly beside: { readonly name: string; readonly text: string } | undefined;
}

interface ExportFileOptions {
  /** Whether a second file may be written. */
  readonly mayHaveFileBeside: boolean;
  readonly showSecrets: boolean;
  readonly headings: readonly string[];
}

/** The file that `plow export` writes for a VM. */
export function exportedFile(
  exported: ExportedVm,
  { mayHaveFileBeside, showSecrets, headings }: ExportFileOptions,
  settings: Pick<Settings, 'fill'>,
): ExportedFile {
  const vmName = exported.draft.values.name ?? '';
  const options = { mayHaveFileBeside, showSecrets };
  const { draft, beside } =
    exported.ownConfig === undefined
      ? withUserData(exported, vmName, options)
      : withConfig(exported.draft, exported.ownConfig, vmName, options);
  const { values, remarks, rest, gains } = tidy(showSecrets ? draft : hideSecrets(draft), settings.fill);
  const text = draftText({ values, remarks, rest, gains }, headings);
  const name = `${vmName}.yaml`;
  // Of a password nobody knows more than that there is to be one.
  const texts = new Map([[PASSWORD_FILE, 'unknown']]);
  if (beside !== undefined) texts.set(beside.name, beside.text);
  const checked = checkText(name, `${text}\n`, { virtType: undefined, fill: settings.fill }, texts);
  return { name, text, checked, notes: remarks.length + rest.length + Math.min(gains.length, 1), beside };
}

/** A config of Ignition that is somebody's own is none of a VM file's words. */
function withConfig(
  draft: Draft,
  { text, holdsSecrets: isSecret }: NonNullable<ExportedVm['ownConfig']>,
  vmName: string,
  { mayHaveFileBeside, showSecrets }: Omit<ExportFileOptions, 'headings'>,
): { readonly draft: Draft; readonly beside: ExportedFile['beside'] } {
  const isOpen = showSecrets || !isSecret;
  if (!mayHaveFileBeside || !isOpen) {
    const option = [...(mayHaveFileBeside ? [] : ['-d']), ...(isOpen ? [] : ['--show-secrets'])].join(' ');
    const words = `the guest has an Ignition config of its own (${option} writes it into a file of its own)`;
    return { draft: { ...draft, rest: [...draft.rest, words] }, beside: undefined };
  }
  const name = `${vmName}.ign`;
  const { provisioning } = draft.values;
  const section = { ...provisioning, ignition: { ...provisioning?.ignition, config: name } };
  return { draft: { ...draft, values: { ...draft.values, provisioning: section } }, beside: { name, text } };
}

/**
 * A document of which a VM file cannot say everything goes into a file of its own, where there can be one.
 */
function withUserData(
  { draft, ownUserData }: ExportedVm,
  vmName: string,
  { mayHaveFileBeside, showSecrets }: Omit<ExportFileOptions, 'headings'>,
): { readonly draft: Draft; readonly beside: ExportedFile['beside'] } {
  if (ownUserData === undefined) return { draft, beside: undefined };
  const { text, unread } = ownUserData;
  const isOpen = text !== undefined && (showSecrets || !holdsSecrets(text));
  if (mayHaveFileBeside && isOpen) {
    const name = `${vmName}.user-data`;
    const { bus, ssh_host_keys } = seedSection(draft.values);
    const section = { user_data: name, ssh_host_keys, bus };
    return {
      draft: {
        ...draft,
        values: { ...draft.values, provisioning: undefined, cloud_init: section },
        // Those about keys that are in the other file now.
        remarks: draft.remarks.filter(
          ({ path: [at, key] }) => !['cloud_init', 'provisioning'].includes(String(at)) || key === 'bus',
        ),
      },
      beside: { name, text },
    };
  }
  const option = [...(mayHaveFileBeside ? [] : ['-d']), ...(isOpen ? [] : ['--show-secrets'])].join(' ');
  const hint = text === undefined ? 'it is no text' : `${option} writes the document into a file of its own`;
  const words = [
    `user-data has keys that plow does not write (${hint}):`,
    ...unread.map((key) => `  ${key}`),
  ];
  return { draft: { ...draft, rest: [...draft.rest, ...words] }, beside: undefined };
}
