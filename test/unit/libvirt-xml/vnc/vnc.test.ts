import { describe, expect, it } from 'vitest';
import type { Arch } from '../../../../src/config/machine.ts';
import type { Vnc } from '../../../../src/config/machine/vnc.ts';
import { asDeclared } from '../../../../src/config/settle.ts';
import { withPassword } from '../../../../src/libvirt-xml/domain/devices/vnc.ts';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { readDeclared } from '../../../../src/libvirt-xml/metadata/declared.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { readOddities } from '../../../../src/libvirt-xml/unknown/oddities.ts';
import { withoutVncPassword } from '../../../../src/text/vnc-password.ts';
import { minimalMachine as newMachine } from '../../machines.ts';
import { diagnostics } from '../judge.ts';

const PLAIN: Vnc = { listen: undefined, port: undefined, login: undefined, video: 'virtio' };

function document(
  vnc: Vnc,
  { arch = 'x86_64', isHere = false }: { arch?: Arch; isHere?: boolean } = {},
): string {
  const machine = newMachine({ vnc });
  const metadata = {
    status: 'ready',
    uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
    version: '0.1.0',
    created: '2025-01-02T03:04:05.000Z',
    directory: '/images/web',
    stored: toStored(asDeclared(machine, { arch, virtType: 'qemu' })),
  } as const;
  return domainXml(machine, { arch, virtType: 'qemu', backingFormat: 'qcow2', metadata, isHere });
}

const graphicsOf = (xml: string): string =>
  /<graphics[^]*<\/graphics>/u.exec(xml)?.[0].replaceAll(/\n\s*/gu, '') ?? '';

describe.each([
  [PLAIN, true, '<graphics type="vnc"><listen type="none"/></graphics>', { listen: 'none' }],
  [
    PLAIN,
    false,
    '<graphics type="vnc" port="-1" autoport="yes" listen="127.0.0.1"><listen type="address" address="127.0.0.1"/></graphics>',
    { listen: '127.0.0.1' },
  ],
  [
    { ...PLAIN, port: 5905 },
    true,
    '<graphics type="vnc" port="5905" autoport="no" listen="127.0.0.1"><listen type="address" address="127.0.0.1"/></graphics>',
    { listen: '127.0.0.1', port: 5905 },
  ],
  [
    { ...PLAIN, listen: 'socket', login: { by: 'one-time' } },
    true,
    '<graphics type="vnc" passwd=""><listen type="socket"/></graphics>',
    { listen: 'socket', password: '' },
  ],
  [
    { ...PLAIN, listen: '0.0.0.0', login: { by: 'password', password: 'a<&">"z' } },
    true,
    '<graphics type="vnc" port="-1" autoport="yes" listen="0.0.0.0" passwd="a&lt;&amp;&quot;&gt;&quot;z"><listen type="address" address="0.0.0.0"/></graphics>',
    { listen: '0.0.0.0', password: 'a<&">"z' },
  ],
] as const)('a screen %j, on this machine: %s', (vnc, isHere, graphics, facts) => {
  const xml = document(vnc, { isHere });

  it('is written as libvirt takes it', { timeout: 30_000 }, () => {
    expect(graphicsOf(xml)).toBe(graphics);
    expect(diagnostics(xml, 'domain')).toStrictEqual([]);
  });

  it('is read back, and nothing of it is odd', () => {
    const read = parseXml(xml);
    expect(readDomain(read).vnc).toMatchObject({ port: undefined, video: 'virtio', ...facts });
    expect(readOddities(read)).toStrictEqual([]);
  });
});

it('has a keyboard on aarch64, which libvirt gives no such machine', { timeout: 30_000 }, () => {
  const xml = document(PLAIN, { arch: 'aarch64' });
  expect(diagnostics(xml, 'domain')).toStrictEqual([]);
  expect([...xml.matchAll(/<input type="(\w+)" bus="(\w+)"/gu)].map(([, ...one]) => one)).toStrictEqual([
    ['keyboard', 'usb'],
    ['tablet', 'usb'],
  ]);
});

it('is not in the document of a VM without one', () => {
  const xml = document(PLAIN).replaceAll(/"vnc":\{[^}]*\}/gu, '');
  expect(xml).toContain('<video>');
  const without = newMachine();
  expect('vnc' in toStored(without) && toStored(without).vnc).toBeUndefined();
});

it('is in the metadata, but for its password', () => {
  const machine = newMachine({
    vnc: { ...PLAIN, port: 5901, login: { by: 'password', password: 'canary' } },
  });
  const stored = JSON.stringify(toStored(machine));
  expect(stored).not.toContain('canary');
  expect(readDeclared(JSON.parse(stored))?.vnc).toStrictEqual({
    listen: undefined,
    port: 5901,
    login: 'password',
    video: 'virtio',
  });
});

it('has its password masked', () => {
  const xml = document({ ...PLAIN, login: { by: 'password', password: '$&"<x' } });
  const masked = withoutVncPassword(xml, '(a secret)');
  expect(graphicsOf(masked)).toContain('passwd="(a secret)"');
  expect(masked.replace('(a secret)', '$$&amp;&quot;&lt;x')).toBe(xml);
});

it.each(["a'bcdef", "'secret1", `"'"'`, "'"])(
  'has the password %s masked whole, in either quotes',
  (password) => {
    const xml = document({ ...PLAIN, login: { by: 'password', password } });
    const masked = withoutVncPassword(xml, '(a secret)');
    expect(graphicsOf(masked)).toMatch(/ passwd="\(a secret\)">/u);
    const libvirt = `<graphics type='vnc' listen="it's" passwd='x"y'/><graphics type='vnc' passwd=''/>`;
    expect(withoutVncPassword(libvirt, '(a secret)')).toBe(libvirt.replace('x"y', '(a secret)'));
  },
);

it('changes its password, and nothing else', { timeout: 30_000 }, () => {
  const live = `<domain type='qemu' id='1'><name>w</name><devices>
    <graphics type='vnc' port='5900' autoport='yes' listen='127.0.0.1'>
      <listen type='address' address='127.0.0.1'/></graphics></devices></domain>`;
  const { vnc } = readDomain(parseXml(live));
  if (vnc === undefined) throw new Error('it has a screen');
  const xml = withPassword(vnc, 'p&q', new Date('2026-11-28T12:00:00.500Z'));
  expect(xml).toBe(
    '<graphics type="vnc" port="5900" autoport="yes" listen="127.0.0.1" passwd="p&amp;q" passwdValidTo="2026-11-28T12:00:00"><listen type="address" address="127.0.0.1"/></graphics>',
  );
});
