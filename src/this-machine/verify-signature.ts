import { shownUrl } from '../text/shown-url.ts';
import { PlowError } from '../errors/plow-error.ts';
import { quote } from '../text/quote.ts';
import { startGpgv } from './gpgv.ts';
import type { GpgvAnswer, GpgvTask } from './gpgv.ts';

const PROGRAM = 'gpgv';
/** It takes milliseconds; a machine may be busy. */
const WITHIN_MS = 30_000;

/** A small text and who is to have signed it. */
interface SignedText {
  /** File of keys on this machine. */
  readonly keyring: string;
  /** All of it, with its signature where it is signed in the clear. */
  readonly text: Uint8Array;
  /** Undefined: signed in the clear. */
  readonly signature: Uint8Array | undefined;
  /** Where text or signature is from, for messages. */
  readonly url: string;
}

interface VerifiedText {
  /** What was signed, and nothing else. */
  readonly text: string;
  /** Fingerprint of the key that signed. */
  readonly signer: string;
}

/**
 * Has gpgv verify a text by the keys of a file, and gives back what was signed: of a text signed in the clear
 * gpgv's own reading of it. @param program gpgv, but in tests
 * @throws PlowError (config) where gpgv or the keys are missing, (validation) where the signature is not good
 */
export async function verifySigned(signed: SignedText, program = PROGRAM): Promise<VerifiedText> {
  const { keyring, text, signature, url } = signed;
  const gpgv = await startGpgv(taskOf(keyring, signature, text.length + 1, program));
  try {
    await gpgv.write(text);
    const answer = await gpgv.end();
    const signer = signerIn(answer, url, keyring);
    return { text: signature === undefined ? decoded(answer.output) : decoded(text), signer };
  } finally {
    await gpgv.dispose();
  }
}

/** A signature of something large, verified while it passes by. */
export interface PassingVerification {
  /** Resolves when there is room for more. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** @throws PlowError (validation) where the signature is not good @returns the key's fingerprint */
  readonly end: () => Promise<string>;
  /** Always to be called, after `end` or in its place. */
  readonly dispose: () => Promise<void>;
}

/**
 * Verifies a signature of an image while that is downloaded: every byte of it is written here too.
 * @throws PlowError (config) where the keys cannot be read
 */
export async function verifyPassing(
  { keyring, signature, url }: Omit<SignedText, 'text'> & { readonly signature: Uint8Array },
  program = PROGRAM,
): Promise<PassingVerification> {
  const gpgv = await startGpgv(taskOf(keyring, signature, 0, program));
  return { ...gpgv, end: async () => signerIn(await gpgv.end(), url, keyring) };
}

function taskOf(
  keyring: string,
  signature: Uint8Array | undefined,
  mostOutput: number,
  program: string,
): GpgvTask {
  return { keyring, signature, mostOutput, program, withinMs: WITHIN_MS };
}

/** What may be said beside a good signature: others that are by keys which the file does not hold. */
const HARMLESS =
  /^(?:NEWSIG|KEY_CONSIDERED|SIG_ID|GOODSIG|VALIDSIG|PLAINTEXT|PLAINTEXT_LENGTH|NO_PUBKEY|ERRSIG \S+ \S+ \S+ \S+ \S+ 9|NOTATION_NAME|NOTATION_FLAGS|NOTATION_DATA|POLICY_URL|VERIFICATION_COMPLIANCE_MODE)(?: |$)/u;

/** The exit code alone is not enough: a text of two signers has one that is not known. */
function signerIn({ code, status }: GpgvAnswer, url: string, keyring: string): string {
  const valid = status.flatMap(
    (line) => /^VALIDSIG (?<key>[0-9A-F]{40,64})\b/u.exec(line)?.groups?.['key'] ?? [],
  );
  const [signer] = valid;
  const isGood = status.some((line) => line.startsWith('GOODSIG '));
  if (signer !== undefined && isGood && code !== undefined && status.every((line) => HARMLESS.test(line))) {
    return signer;
  }
  throw new PlowError('validation', `${shownUrl(url)}: ${whyNot(status, code, keyring)}`, {
    hint: 'take the keys that the publisher names on its own page; if they are right, somebody changed what came',
  });
}

function whyNot(status: readonly string[], code: number | undefined, keyring: string): string {
  const saying = (word: string): string | undefined =>
    status.find((line) => line === word || line.startsWith(`${word} `));
  const missing = saying('NO_PUBKEY')?.split(' ')[1];
  if (saying('BADSIG') !== undefined) return 'the signature is not of this text: one of them was changed';
  if (saying('EXPKEYSIG') !== undefined) return `the key that signed it has expired, by ${quote(keyring)}`;
  if (saying('REVKEYSIG') !== undefined) return `the key that signed it was revoked, by ${quote(keyring)}`;
  if (saying('EXPSIG') !== undefined) return 'the signature has expired';
  if (missing !== undefined)
    return `it is signed by the key ${quote(missing)}, which is not in ${quote(keyring)}`;
  if (saying('NODATA') !== undefined) return 'it holds no signature';
  return code === undefined ? 'gpgv did not come to an end with it' : 'its signature cannot be verified';
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
