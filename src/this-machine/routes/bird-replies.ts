import type { BgpSession, BirdProtocol, BirdRoute } from '../../hypervisor/routes.ts';

/**
 * What `birdc -v` prints: a code before each line, the same in BIRD 2 and 3. Lines that go on have blanks in
 * its place, or a code of their own for details. https://bird.network.cz/?get_doc&v=20&f=prog-2.html#ss2.7
 */
const PROTOCOL = 1002;
const DETAILS = 1006;
const ROUTE = 1007;
const ROUTE_DETAILS = 1008;
/** From here on it is an error: of the call, or of its grammar. */
const ERRORS = 8000;

interface Line {
  readonly code: number;
  readonly text: string;
}

function linesOf(reply: string): readonly Line[] {
  let code = 0;
  return reply.split('\n').map((line) => {
    const { number, text } = /^(?<number>\d{4})[- ](?<text>.*)$/u.exec(line)?.groups ?? {};
    if (number !== undefined) code = Number(number);
    return { code, text: text ?? line.replace(/^ {1,5}/u, '') };
  });
}

/** What BIRD refused, in its words; undefined where it did not. */
export function errorIn(reply: string): string | undefined {
  return linesOf(reply).find(({ code }) => code >= ERRORS)?.text;
}

/** Of `show status`: `BIRD 2.0.12`. */
export function versionIn(reply: string): string | undefined {
  return /BIRD (?<version>v?\d[\w.-]*)/u.exec(reply)?.groups?.['version'];
}

/** A protocol, with what it says of itself. */
export interface Told extends BirdProtocol {
  /** Lines without the blanks at their beginnings. */
  readonly details: readonly string[];
}

/** Of `show protocols all`. */
export function protocolsIn(reply: string): readonly Told[] {
  const found: (BirdProtocol & { details: string[] })[] = [];
  for (const { code, text } of linesOf(reply)) {
    if (code === PROTOCOL) {
      const [name = '', type = '', , state = '', ...rest] = text.trim().split(/\s+/u);
      if (name !== '') found.push({ name, type, state, info: infoOf(rest), details: [] });
    } else if (code === DETAILS && text.trim() !== '') found.at(-1)?.details.push(text.trim());
  }
  return found;
}

/** Behind the time, which has a day before it where it is not of today. */
function infoOf(words: readonly string[]): string {
  const time = words.findIndex((word) => /^\d\d:\d\d(?::|$)/u.test(word));
  const isDayAlone = time === -1 && /^\d{4}-\d\d-\d\d$/u.test(words[0] ?? '');
  return words.slice(isDayAlone ? 1 : time + 1).join(' ');
}

/** Of `show route`, with or without a protocol behind `export`: those to single IPv4 addresses. */
export function routesIn(reply: string): readonly BirdRoute[] {
  const found: { address: string; device: string | undefined; protocol: string }[] = [];
  let address: string | undefined;
  let isOpen = false;
  for (const { code, text } of linesOf(reply)) {
    if (code !== ROUTE && code !== ROUTE_DETAILS) continue;
    // A second route to the same place has blanks in the place of it.
    const { to, protocol } = /^(?<to>\S*)\s+\w+ \[(?<protocol>[^\s\]]+)/u.exec(text)?.groups ?? {};
    if (protocol !== undefined) {
      if (to !== undefined && to !== '') address = /^(?<one>[\d.]+)\/32$/u.exec(to)?.groups?.['one'];
      isOpen = address !== undefined;
      if (address !== undefined) found.push({ address, device: undefined, protocol });
      continue;
    }
    const device = /^\s+(?:dev|via \S+ on) (?<device>\S+)/u.exec(text)?.groups?.['device'];
    const last = found.at(-1);
    if (isOpen && last !== undefined && device !== undefined) last.device ??= device;
  }
  return found;
}

/** A neighbour, as its protocol tells. @param exports undefined where they could not be had */
export function sessionOf(
  { name, state, info, details }: Told,
  exports: readonly BirdRoute[] | undefined,
): BgpSession {
  const told = (title: string): string | undefined =>
    details
      .find((line) => line.startsWith(`${title}:`))
      ?.slice(title.length + 1)
      .trim();
  const as = Number(told('Neighbor AS'));
  const bgp = told('BGP state') ?? state;
  const isEstablished = bgp === 'Established';
  const trouble = told('Last error') ?? (info.startsWith(bgp) ? info.slice(bgp.length).trim() : info);
  const more = isEstablished || trouble === '' ? '' : `: ${trouble}`;
  const neighbor = told('Neighbor address')?.split('%')[0];
  return {
    name,
    neighbor,
    neighborAs: Number.isSafeInteger(as) && as > 0 ? as : undefined,
    isEstablished,
    state: `${bgp}${more}`,
    exports,
  };
}
