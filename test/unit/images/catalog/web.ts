import { PlowError } from '../../../../src/errors/plow-error.ts';
import type { Sources } from '../../../../src/images/catalog/signed.ts';
import { signedPart } from '../../../../src/images/clear-signed.ts';

/** The web, as far as it is in a table; what is asked for is kept. Whatever looks signed is. */
export function webOf(pages: Readonly<Record<string, string>>): Sources & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    read: async (url) => {
      asked.push(url);
      const page = pages[url];
      if (page === undefined) throw new PlowError('storage', `404: ${url}`);
      return new TextEncoder().encode(page);
    },
    verify: async ({ text, signature, keyring }) => {
      const words = new TextDecoder().decode(text);
      const part = signature === undefined ? signedPart(words) : { text: words };
      if ('problem' in part) throw new PlowError('config', part.problem);
      return { text: part.text, signer: `by ${keyring}` };
    },
  };
}
