import { IGNITION_FILE } from '../../config/vm-paths.ts';
import type { PlanDocument } from '../../documents/plan-schema.ts';
import type { PlannedVolume, VmPlan } from '../../vm/create/plan.ts';
import type { PlannedUpload } from '../../vm/upload/plan.ts';
import { bytesText } from '../../text/quantities.ts';
import type { NotChecked } from '../../vm/host/not-checked.ts';
import { quotedLines } from '../../text/printable.ts';
import { withoutVncPassword } from '../../text/vnc-password.ts';
import { GIB } from '../../text/units.ts';
import { holdsSecrets, maskSecrets } from '../../text/secrets.ts';

/** Images of this machine that are brought first. */
interface PlannedUploads {
  readonly image?: PlannedUpload | undefined;
  readonly medium?: PlannedUpload | undefined;
}

const KIB = 2 ** 10;

const MASK = '(a secret: --show-secrets shows it)';

/**
 * What would be made, as documents with a heading each, every line of them behind a bar.
 * @param showSecrets as they would be in the seed
 */
export function planLines(
  plan: VmPlan,
  showSecrets: boolean,
  { image, medium }: PlannedUploads = {},
): readonly string[] {
  const uploads = [image, medium].filter((upload) => upload !== undefined);
  const documents = [
    ...(uploads.length === 0 ? [] : [['upload', uploads.map(uploadLine).join('\n')] as const]),
    ['domain', domainText(plan, showSecrets)],
    ['volumes', volumesOf(plan).map(volumeLine).join('\n')],
    ...seedTexts(plan, showSecrets),
  ] as const;
  return documents.flatMap(([heading, text], index) => [
    ...(index === 0 ? [] : ['']),
    `# ${heading}`,
    ...quotedLines(text.trimEnd()),
  ]);
}

/** For programs. Sizes in bytes, seed files by name. */
export function planDocument(
  plan: VmPlan,
  notChecked: readonly NotChecked[],
  showSecrets: boolean,
  { image, medium }: PlannedUploads = {},
): PlanDocument {
  return {
    name: plan.name,
    ...(image && { upload: uploadDocument(image) }),
    ...(medium && { medium_upload: uploadDocument(medium) }),
    domain: domainText(plan, showSecrets),
    volumes: volumesOf(plan).map(({ path, format, bytes, from, isAdopted }) => ({
      path,
      format,
      bytes,
      ...(from && { from: { image: from.image, how: from.how } }),
      ...(isAdopted && { adopted: isAdopted }),
    })),
    seed: Object.fromEntries(seedTexts(plan, showSecrets)),
    not_checked: [...notChecked],
  };
}

function domainText({ domain }: VmPlan, showSecrets: boolean): string {
  return showSecrets ? domain.complete : withoutVncPassword(domain.complete, MASK);
}

function uploadDocument({
  sendBytes,
  ...upload
}: PlannedUpload): Extract<PlanDocument, { readonly domain: string }>['upload'] {
  return { ...upload, send_bytes: sendBytes };
}

const THERE: Readonly<Record<PlannedUpload['there'], string>> = {
  all: 'it is there already, and nothing is sent',
  part: 'a part is there, and would be gone on with',
  nothing: 'it would be sent first',
  unknown: 'it would be sent first, unless it is there: nobody could look',
};

function uploadLine({ file, path, digest, bytes, sendBytes, there }: PlannedUpload): string {
  const size = sendBytes === 0 ? bytesText(bytes) : `${bytesText(sendBytes)} of ${bytesText(bytes)}`;
  return `${file}: to ${path}, ${size}, sha256 ${digest}\n${THERE[there]}`;
}

function volumesOf({ disks, seed, consoleLog }: VmPlan): readonly PlannedVolume[] {
  return seed === undefined ? [...disks, consoleLog] : [...disks, seed.volume, consoleLog];
}

function seedTexts({ seed }: VmPlan, showSecrets: boolean): readonly (readonly [string, string])[] {
  if (seed === undefined) return [];
  return seed.files.map(({ name, bytes }) => {
    const text = new TextDecoder().decode(bytes);
    if (showSecrets) return [name, text];
    const isLeftOut = (name === 'user-data' || name === IGNITION_FILE) && seed.own.some(holdsSecrets);
    return [name, isLeftOut ? leftOut(bytes.length) : maskSecrets(text, MASK)];
  });
}

/** In place of a document: what a secret of it is, nothing can tell. */
function leftOut(size: number): string {
  return `(${size} bytes; looks as if it held a secret: --show-secrets shows it)`;
}

function volumeLine({ path, format, bytes, from, isAdopted }: PlannedVolume): string {
  const size = bytes >= GIB ? `${bytes / GIB} GiB` : `${Math.ceil(bytes / KIB)} KiB`;
  const origin =
    from === undefined ? '' : `, ${from.how === 'overlay' ? 'an overlay on' : 'a copy of'} ${from.image}`;
  return `${path}: ${size}, ${format}${origin}${isAdopted === true ? ', as it is there' : ''}`;
}
