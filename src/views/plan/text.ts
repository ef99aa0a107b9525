import type { Plan, PlannedVolume } from '../../vm/create/plan.ts';
import { documentText } from '../../documents/serialize.ts';
import { quotedLines } from '../../text/printable.ts';

const GIB = 2 ** 30;
const KIB = 2 ** 10;

const MASK = '(a secret: --show-secrets shows it)';

/** crypt(5), wherever it stands, and a whole private key (RFC 7468). */
const SECRETS =
  /\$[0-9a-z]{1,3}\$(?:[./0-9A-Za-z=,+-]+\$)+[./0-9A-Za-z]+|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/gu;

/** Text of a seed file, without what looks like a password hash or a private key. */
function masked(text: string): string {
  return text.replaceAll(SECRETS, MASK);
}

/** What would be made, as documents with a heading each, every line of them behind a bar. @param showSecrets as they would be in the seed */
export function planLines(plan: Plan, showSecrets: boolean): readonly string[] {
  const documents = [
    ['domain', plan.domainXml],
    ['volumes', plan.volumes.map(volumeLine).join('\n')],
    ...seedTexts(plan, showSecrets),
  ] as const;
  return documents.flatMap(([heading, text], index) => [
    ...(index === 0 ? [] : ['']),
    `# ${heading}`,
    ...quotedLines(text.trimEnd()),
  ]);
}

/** For programs. Sizes in bytes, seed files by name. */
export function planJson(plan: Plan, showSecrets: boolean): string {
  const seed = seedTexts(plan, showSecrets);
  const { name, domainXml, volumes, notChecked } = plan;
  return documentText(
    { version: 1, name, domain: domainXml, volumes, seed: Object.fromEntries(seed), not_checked: notChecked },
    'json',
  );
}

function seedTexts({ seed }: Plan, showSecrets: boolean): readonly (readonly [string, string])[] {
  return seed.map(({ name, bytes, holdsSecrets }) => {
    const text = new TextDecoder().decode(bytes);
    if (showSecrets) return [name, text];
    return [name, holdsSecrets ? leftOut(bytes.length) : masked(text)];
  });
}

/** In place of a document: what a secret of it is, nothing can tell. */
function leftOut(size: number): string {
  return `(${size} bytes; looks as if it held a secret: --show-secrets shows it)`;
}

function volumeLine({ path, format, bytes, from }: PlannedVolume): string {
  const size = bytes >= GIB ? `${bytes / GIB} GiB` : `${Math.ceil(bytes / KIB)} KiB`;
  const origin =
    from === undefined ? '' : `, ${from.how === 'overlay' ? 'an overlay on' : 'a copy of'} ${from.image}`;
  return `${path}: ${size}, ${format}${origin}`;
}
