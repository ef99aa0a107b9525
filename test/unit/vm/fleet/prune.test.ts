import { describe, expect, it } from 'vitest';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { endElement, guardElement } from '../../../../src/libvirt-xml/metadata/write.ts';
import { END_NAMESPACE } from '../../../../src/libvirt-xml/metadata/end.ts';
import { GUARD_NAMESPACE } from '../../../../src/libvirt-xml/metadata/guard.ts';
import { moveElementInDocument } from '../../../../src/libvirt-xml/metadata/move.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { givenFiles, surplusOf } from '../../../../src/vm/fleet/prune.ts';
import { minimalMachine } from '../../machines.ts';

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
const OTHER_UUID = '1f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';

const GIVEN = givenFiles([
  minimalMachine({ name: 'web', fleet: 'shop' }),
  minimalMachine({ name: 'plain' }),
  minimalMachine({ name: 'db', fleet: 'shop' }),
]);

/** A VM that plow made, and what else stands in its metadata. */
function document(
  name: string,
  fleet: string | undefined,
  { status = 'ready', more = '' }: { status?: 'creating' | 'ready'; more?: string } = {},
): string {
  const machine = minimalMachine({ name, fleet });
  const metadata = {
    status,
    uuid: UUID,
    version: '0.1.0',
    created: '2026-11-21T09:00:00.000Z',
    directory: `/images/${name}`,
    stored: toStored(machine),
  } as const;
  const xml = domainXml(machine, { arch: 'x86_64', virtType: 'kvm', backingFormat: 'qcow2', metadata });
  return xml.replace('</metadata>', `${more}</metadata>`);
}

/** As libvirt puts an element into a document. */
function within(element: string, { prefix, uri }: { prefix: string; uri: string }): string {
  return element.replace(/^<(?<word>\w+)/u, `<${prefix}:$<word> xmlns:${prefix}="${uri}"`);
}

function surplus(xml: string, name = 'old', active = true): ReturnType<typeof surplusOf> {
  return surplusOf({ name, uuid: UUID, active, xml }, GIVEN);
}

describe('a VM without file', () => {
  it('goes where one of the files names its fleet', () => {
    expect(GIVEN).toStrictEqual({ fleets: new Set(['shop']), names: new Set(['web', 'plain', 'db']) });
    expect(surplus(document('old', 'shop'))).toStrictEqual({
      name: 'old',
      uuid: UUID,
      fleet: 'shop',
      kept: undefined,
    });
  });

  it.each([
    ['is of no fleet', document('old', undefined), 'old'],
    ['is of another fleet', document('old', 'Shop'), 'old'],
    ['has a file', document('web', 'shop'), 'web'],
    ['was given another name by hand', document('web', 'shop'), 'old'],
    ['was given the name of a file by hand', document('old', 'shop'), 'plain'],
    ['was not made by plow', '<domain><name>old</name></domain>', 'old'],
    [
      'is a copy of one that plow made',
      document('old', 'shop').replace(`<uuid>${UUID}`, `<uuid>${OTHER_UUID}`),
      'old',
    ],
    ['cannot be read', '<domain', 'old'],
  ])('is nobody else: not one that %s', (_, xml, name) => {
    expect(surplus(xml, name)).toBeUndefined();
  });

  it('is left in peace where it is destroyed already, and can be brought back', () => {
    const undo = { until: '2027-01-01T00:00:00.000Z', ran: true, autostart: false };
    const element = within(endElement(UUID, { expires: undefined, undo }) ?? '', END_NAMESPACE);
    const xml = document('old', 'shop', { more: element });
    expect(surplus(xml, 'old', false)).toBeUndefined();
    expect(surplus(xml, 'old', true)).toMatchObject({ kept: undefined });
  });

  it.each([
    ['protected', document('old', 'shop', { more: within(guardElement(UUID), GUARD_NAMESPACE) })],
    ['incomplete', document('old', 'shop', { status: 'creating' })],
    ['moved', document('old', 'shop', { more: onItsWay({ role: 'source', phase: 'moved' }) })],
    ['incoming', document('old', 'shop', { more: onItsWay({ role: 'incoming', phase: 'copying' }) })],
  ])('stays where it is %s, and is told', (word, xml) => {
    const { kept } = surplus(xml) ?? {};
    expect(kept?.word).toBe(word);
    expect(kept?.error.kind).toBe('operation');
    expect(kept?.error.message).toContain("VM 'old'");
  });
});

function onItsWay(
  place: { role: 'source'; phase: 'moved' } | { role: 'incoming'; phase: 'copying' },
): string {
  return moveElementInDocument(UUID, {
    ...place,
    token: '2f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
    host: 'hv2',
    ran: true,
    autostart: false,
    bases: [],
  });
}
