import { describe, expect, it } from 'vitest';
import { endIn, endOf, NO_END } from '../../../../src/libvirt-xml/metadata/end.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { newMetadata } from '../../../../src/libvirt-xml/metadata/metadata.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { extendLease } from '../../../../src/vm/lease/extend.ts';
import type { Extension } from '../../../../src/vm/lease/extend.ts';
import { minimalMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { eachCall, failOnce } from '../each-call.ts';

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
const DAY = 1440;

/** A VM that was made just now, with a lease of so many minutes. */
function host(lifetimeMinutes?: number): TestContext {
  const context = testContext();
  const createdAt = context.now();
  const metadata = newMetadata(minimalMachine(), {
    status: 'ready',
    uuid: UUID,
    version: '0.1.0',
    createdAt,
    directory: '/images/my-vm',
  });
  const machine = minimalMachine({ lifetimeMinutes });
  const xml = domainXml(machine, { arch: 'x86_64', virtType: 'qemu', backingFormat: undefined, metadata });
  context.hypervisor.addDomain('my-vm', xml, 'running');
  return context;
}

async function extend(context: TestContext, extension: Extension): Promise<boolean> {
  const domain = await context.hypervisor.findDomain('my-vm');
  if (domain === undefined) throw new Error('there is a VM');
  return extendLease(domain, context, extension);
}

function expires({ hypervisor }: TestContext): string | undefined {
  const xml = hypervisor.domains.get('my-vm')?.xml ?? '';
  const { expires: parsed } = endOf(parseXml(xml));
  expect(endIn(xml, UUID).expires).toBe(parsed);
  return parsed;
}

describe('the lease of a VM', () => {
  it('begins when the VM is made', () => {
    expect(expires(host(7 * DAY))).toBe('2025-01-09T03:04:05.000Z');
    expect(expires(host())).toBeUndefined();
  });

  it('is moved to so long from now, once, and never to an earlier time', async () => {
    const context = host(DAY);
    expect(await extend(context, 3 * DAY)).toBe(true);
    expect(expires(context)).toBe('2025-01-05T03:04:05.000Z');
    context.hypervisor.calls.length = 0;
    expect(await extend(context, 3 * DAY)).toBe(false);
    expect(await extend(context, 60)).toBe(false);
    expect(context.hypervisor.calls).toStrictEqual(['findDomain', 'Domain.xml', 'findDomain', 'Domain.xml']);
    expect(expires(context)).toBe('2025-01-05T03:04:05.000Z');
    expect(await extend(context, 'never')).toBe(true);
    expect(expires(context)).toBeUndefined();
    expect(context.progress.lines).toStrictEqual([
      "done: VM 'my-vm' expires 2025-01-05T03:04:05.000Z",
      "note: VM 'my-vm' expires later anyway: 2025-01-05T03:04:05.000Z",
      "note: VM 'my-vm' expires later anyway: 2025-01-05T03:04:05.000Z",
      "done: VM 'my-vm' does not expire any more",
    ]);
  });

  it('is not given to a VM that has none', async () => {
    const context = host();
    const before = context.hypervisor.census();
    expect(await extend(context, 3 * DAY)).toBe(false);
    expect(await extend(context, 'never')).toBe(false);
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it('costs three calls, and is as before or moved, whichever of them fails', async () => {
    const context = host(DAY);
    await extend(context, 3 * DAY);
    const calls = ['findDomain', 'Domain.xml', 'Domain.setMetadata', 'Domain.xml'];
    expect(context.hypervisor.calls).toStrictEqual(calls);
    const workflow = { prepare: () => host(DAY), run: (each: TestContext) => extend(each, 3 * DAY) };
    const outcomes = await eachCall(workflow, failOnce);
    expect(outcomes.map(({ unchanged }) => unchanged)).toStrictEqual([true, true, true, false]);
  });

  it.each([
    ['as well', 'expires="2025-01-03T03:04:05.000Z"', true, '2025-01-05T03:04:05.000Z'],
    ['for longer', 'expires="2025-01-09T03:04:05.000Z"', false, '2025-01-09T03:04:05.000Z'],
  ])('is moved all the same where somebody moves it %s at that moment', async (_, attributes, is, time) => {
    const context = host(DAY);
    const { hypervisor } = context;
    hypervisor.fault = (_call, index) => {
      // Between what is written and the look at it.
      const found = hypervisor.domains.get('my-vm');
      if (index === 3 && found !== undefined) found.xml = found.xml.replace(/expires="[^"]*"/u, attributes);
      return undefined;
    };
    expect(await extend(context, 3 * DAY)).toBe(is);
    expect(expires(context)).toBe(time);
  });
});

function end(attributes: string, namespace = 'urn:plow:end:1'): string {
  return `<domain><uuid>${UUID}</uuid><metadata><plow-end:end xmlns:plow-end="${namespace}" ${attributes}/></metadata></domain>`;
}

describe('what somebody else wrote', () => {
  it.each([
    ['another VM', end(`uuid="${UUID.replace('0f', 'ff')}" expires="2025-01-05T03:04:05.000Z"`)],
    ['another namespace', end(`uuid="${UUID}" expires="2025-01-05T03:04:05.000Z"`, 'urn:other')],
    ['no VM', end('expires="2025-01-05T03:04:05.000Z"')],
    ...[
      '',
      '0',
      '-1',
      '1e300',
      '9'.repeat(400),
      '2025-02-30T00:00:00.000Z',
      '+275760-09-13T00:00:00.000Z',
    ].map((time) => [`the time ${time}`, end(`uuid="${UUID}" expires="${time}"`)]),
    ['a time with a blank', end(`uuid="${UUID}" expires=" 2025-01-05T03:04:05.000Z"`)],
  ])('about %s ends no VM', (_, xml) => {
    expect(endOf(parseXml(xml))).toStrictEqual(NO_END);
    expect(endIn(xml, UUID)).toStrictEqual(NO_END);
  });

  it('counts as plow reads it, with its element closed in either way', () => {
    const xml = end(`uuid='${UUID}' expires='2025-01-05T03:04:05.000Z'`);
    for (const one of [xml, xml.replace('/></metadata>', '></plow-end:end></metadata>')]) {
      expect(endOf(parseXml(one)).expires).toBe('2025-01-05T03:04:05.000Z');
      expect(endIn(one, UUID).expires).toBe('2025-01-05T03:04:05.000Z');
    }
  });
});
