import { quote } from '../../../text/quote.ts';

/** Why a text is no CPU model as libvirt calls them, or undefined if it may be one. */
export function cpuModelMistake(text: string): string | undefined {
  return /^[a-z0-9][a-z0-9_.+-]{0,63}$/iu.test(text)
    ? undefined
    : `must be a CPU model as libvirt calls it, such as EPYC-Rome or Skylake-Server, got ${quote(text)}`;
}
