import type { BgpSession } from '../../hypervisor/routes.ts';
import { NONE, renderTable } from '../../terminal/table.ts';
import type { Colour, Column, TableLook } from '../../terminal/table.ts';
import { printable } from '../../text/printable.ts';
import type { PlacedAddress, Presence } from '../../vm/routing/places.ts';
import type { RoutingState } from '../../vm/routing/judge.ts';

/** Stands where something is missing that should be there. */
const MISSING = 'MISSING';
const UNKNOWN = '?';

const COLOURS: Readonly<Partial<Record<Presence, Colour>>> = { missing: 'red', off: 'dim', unknown: 'dim' };

function columns(state: RoutingState): readonly Column<PlacedAddress>[] {
  return [
    { title: 'VM', cutTo: 6, text: ({ vm }) => printable(vm) },
    { title: 'ADDRESS', text: ({ address }) => address },
    { title: 'TAP', rank: 1, text: tapText, colour: ({ onTap }) => COLOURS[onTap] },
    {
      title: 'ROUTE',
      rank: 2,
      text: ({ inKernel }) => presenceText(inKernel, 'yes'),
      colour: ({ inKernel }) => COLOURS[inKernel],
    },
    {
      title: 'ANNOUNCED',
      cutTo: 10,
      text: (one) => announcedText(one, state),
      colour: (one) => (announcedText(one, state) === MISSING ? 'red' : undefined),
    },
  ];
}

function tapText({ active, onTap, tap }: PlacedAddress): string {
  return active ? presenceText(onTap, tap) : 'off';
}

function presenceText(presence: Presence, there: string): string {
  const words: Readonly<Record<Presence, string>> = {
    there,
    missing: MISSING,
    off: NONE,
    unknown: UNKNOWN,
  };
  return words[presence];
}

/** To whom, or that it should be. */
function announcedText({ active, inBird, announcedTo }: PlacedAddress, state: RoutingState): string {
  if (!active) return NONE;
  if (announcedTo.length > 0) return announcedTo.map(({ neighbor, name }) => neighbor ?? name).join(',');
  if (inBird === 'unknown') return UNKNOWN;
  if (state.isDrained) return 'drained';
  return state.sessions.length === 0 ? NONE : MISSING;
}

const SESSIONS: readonly Column<BgpSession>[] = [
  { title: 'NEIGHBOR', text: ({ neighbor, name }) => printable(neighbor ?? name) },
  { title: 'AS', text: ({ neighborAs }) => neighborAs?.toString() ?? NONE },
  {
    title: 'STATE',
    cutTo: 11,
    text: ({ state }) => printable(state),
    colour: ({ isEstablished }) => (isEstablished ? 'green' : 'red'),
  },
  { title: 'ANNOUNCED', text: ({ exports }) => exports?.length.toString() ?? UNKNOWN },
];

/** A line for each address, and below one for each BGP session. */
export function networkLines(state: RoutingState, look: TableLook): readonly string[] {
  const { addresses, sessions } = state;
  const first =
    addresses.length === 0 ? ['no VM is routed'] : renderTable(columns(state), addresses, look).lines;
  return sessions.length === 0 ? first : [...first, '', ...renderTable(SESSIONS, sessions, look).lines];
}
