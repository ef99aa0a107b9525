import { printable } from '../../../text/printable.ts';

interface Why {
  readonly text: string;
  readonly hint?: string | undefined;
}

/** The first that fits counts. https://man.openbsd.org/sshd_config */
const RULES: readonly (readonly [RegExp, (found: RegExpExecArray) => Why])[] = [
  [
    /open failed: administratively prohibited|stdio forwarding failed: administratively/u,
    () => ({
      text: 'sshd there lets nobody be led on',
      hint: 'as root there, in sshd_config: AllowTcpForwarding yes, and AllowStreamLocalForwarding yes for sockets; or run plow on the hypervisor',
    }),
  ],
  [
    /open failed: connect failed: (?<why>[^\r\n]+)/u,
    ({ groups }) => ({
      text: `sshd there does not come to it: ${printable(groups?.['why'] ?? '')}`,
      hint: 'the account of ssh must be one that may open it, and sshd_config there have AllowStreamLocalForwarding yes for sockets; or run plow on the hypervisor',
    }),
  ],
];

/** What sshd has to do with it that ssh did not come to a screen. @param heard all that ssh said */
export function whyNotThrough(heard: string): Why | undefined {
  for (const [pattern, explain] of RULES) {
    const found = pattern.exec(heard);
    if (found !== null) return explain(found);
  }
  return undefined;
}

/** The last line of what it said; a banner of the other machine may come before. */
export function lastWordsOf(heard: string): string | undefined {
  const lines = heard.split(/[\r\n]+/u).map((line) => line.trim());
  const last = lines.findLast((line) => line !== '');
  return last === undefined ? undefined : printable(last);
}
