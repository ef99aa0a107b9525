import { quote } from '../../text/quote.ts';

/** An address with a host, without blanks, and without a password, which would be shown and recorded. */
export function addressMistake(text: string): string | undefined {
  if (!/^https?:\/\/[^\s\p{C}/?#]+\/[^\s\p{C}]+$/u.test(text)) {
    return `must be an address such as https://example.com/disk.qcow2, got ${quote(text)}`;
  }
  return /^https?:\/\/[^/?#]*@/u.test(text) ? 'must not hold a user or password (not shown)' : undefined;
}
