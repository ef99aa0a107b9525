import { expect, it } from 'vitest';
import { gcDocument, outcomeLines, outcomeOf } from '../../../../src/views/gc/lines.ts';
import { findMortal } from '../../../../src/vm/gc/mortal.ts';
import { testContext } from '../context.ts';

const UNTIL = '2025-01-03T00:00:00.000Z';
const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';

it('ends a VM that was destroyed when its undo window has ended, and not before', async () => {
  const context = testContext();
  context.hypervisor.addDirectory('/images');
  const mark = `<plow-end:end xmlns:plow-end="urn:plow:end:1" uuid="${UUID}" undo-until="2025-01-03T00:00:00.000Z"/>`;
  const xml = `<domain><name>web</name><uuid>${UUID}</uuid><metadata>${mark}</metadata><devices/></domain>`;
  context.hypervisor.addDomain('web', xml, 'shut off');
  expect(await findMortal(context)).toStrictEqual([]);
  const later = { ...context, now: () => new Date('2025-01-03T00:00:00Z') };
  const [found] = await findMortal(later);
  expect(found).toMatchObject({ kind: 'destroyed VM', what: 'web' });
  if (found !== undefined && 'remove' in found.fate) await found.fate.remove();
  expect(context.hypervisor.domains.size).toBe(0);
});

it('tells of one whose lease has ended that it can be brought back', () => {
  const fate = { remove: async () => ({ until: UNTIL }) };
  const garbage = { kind: 'expired VM', what: 'web', bytes: undefined, why: 'w', fate } as const;
  const outcome = outcomeOf({ until: UNTIL });
  const lines = ['destroyed: expired VM web', `  until ${UNTIL} plow undelete web brings it back`];
  expect(outcomeLines(garbage, outcome)).toStrictEqual(lines);
  const told = { status: 'destroyed', undo_until: UNTIL, stays: null, left: [] };
  expect(gcDocument(garbage, outcome)).toMatchObject(told);
});
