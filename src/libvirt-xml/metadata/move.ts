import { create } from 'xmlbuilder2';
import { literal } from '../literal.ts';
import { ownElement, ownElementIn } from '../read/own-element.ts';
import type { XmlElement } from '../read/parse.ts';

/**
 * A fourth element of plow's in a domain's <metadata>: that a VM is on its way to another hypervisor. Apart
 * from what a VM was made with, so that whoever writes that anew does not take it away.
 */
export const MOVE_NAMESPACE = { prefix: 'plow-move', uri: 'urn:plow:move:1' } as const;
const MOVE = { name: 'move', namespace: MOVE_NAMESPACE } as const;

/**
 * Which of the two domains of a move it is, and how far that has come. `source`: `copying` until the switch,
 * `moved` from then on, `left` once it is as others are there. `incoming`: `copying`, then `ready` to be
 * switched to, `starting` once it may run.
 */
export type MovePlace =
  | { readonly role: 'source'; readonly phase: 'copying' | 'moved' | 'left' }
  | { readonly role: 'incoming'; readonly phase: 'copying' | 'ready' | 'starting' };

/** What plow, or anyone who may change domains, wrote of a move. */
export type MoveMark = MovePlace & {
  /** The same at both ends, and in no other move. */
  readonly token: string;
  /** What the other hypervisor is called: as the settings do, or its URI. */
  readonly host: string;
  /** It ran, and is to run. */
  readonly ran: boolean;
  /** It started with the host, and is to. */
  readonly autostart: boolean;
  /** UUID of the other hypervisor: its name may mean another one by now. Undefined: it tells none. */
  readonly hostUuid?: string | undefined;
  /**
   * Of `source` the paths of base images that the move is to bring along, of `incoming` those that it has
   * made, with the VM's directory. Only where they were made is it known, and believed, that they were.
   */
  readonly bases: readonly string[];
};

/** Of a domain's document; undefined for one that stays. */
export function moveOf(domain: XmlElement): MoveMark | undefined {
  const found = ownElement(domain, MOVE);
  return found && readMark(found);
}

/** As moveOf, of the text of a domain's document, without parsing the rest: for a list of a thousand. */
export function moveIn(text: string, uuid: string): MoveMark | undefined {
  const found = ownElementIn(text, uuid, MOVE);
  return found && readMark(found);
}

/** The state of a VM on its way, in a word. */
export function wayWord({ role, phase }: MoveMark): 'incoming' | 'moving' | 'moved' {
  if (role === 'incoming') return 'incoming';
  return phase === 'copying' ? 'moving' : 'moved';
}

/** The element on its own, for virDomainSetMetadata. */
export function moveElement(uuid: string, mark: MoveMark): string {
  return create().ele('move', attributesOf(uuid, mark)).end({ headless: true });
}

/** The element as it stands in a domain's document. */
export function moveElementInDocument(uuid: string, mark: MoveMark): string {
  const { prefix, uri } = MOVE_NAMESPACE;
  return create().ele(uri, `${prefix}:move`, attributesOf(uuid, mark)).end({ headless: true });
}

function attributesOf(uuid: string, mark: MoveMark): Readonly<Record<string, string>> {
  const { role, phase, token, host, hostUuid, ran, autostart, bases } = mark;
  return {
    uuid,
    role,
    phase,
    token,
    host: literal(host),
    ...(hostUuid === undefined ? {} : { 'host-uuid': literal(hostUuid) }),
    ran: ran ? 'yes' : 'no',
    autostart: autostart ? 'yes' : 'no',
    bases: literal(JSON.stringify(bases)),
  };
}

function readMark(element: XmlElement): MoveMark | undefined {
  const place = placeOf(element.attribute('role'), element.attribute('phase'));
  if (place === undefined) return undefined;
  const isYes = (name: string): boolean => element.attribute(name) === 'yes';
  return {
    ...place,
    token: element.attribute('token') ?? '',
    host: element.attribute('host') ?? '',
    hostUuid: element.attribute('host-uuid'),
    ran: isYes('ran'),
    autostart: isYes('autostart'),
    bases: readBases(element.attribute('bases')),
  };
}

function placeOf(role: string | undefined, phase: string | undefined): MovePlace | undefined {
  if (role === 'source' && (phase === 'copying' || phase === 'moved' || phase === 'left'))
    return { role, phase };
  if (role !== 'incoming') return undefined;
  return phase === 'copying' || phase === 'ready' || phase === 'starting' ? { role, phase } : undefined;
}

/** Anyone may have written it. */
function readBases(text: string | undefined): readonly string[] {
  try {
    const read: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(read) ? read.filter((one): one is string => typeof one === 'string') : [];
  } catch {
    return [];
  }
}
