import { describe, expect, it } from 'vitest';
import { changeMedium } from '../../../../src/vm/attach/media.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';

const DIRECTORY = '/images/iso';
const FIRST = 32_768;

function iso(label: string): Uint8Array {
  const head = new Uint8Array(64 * 1024);
  head.set(Buffer.from('\x01CD001', 'latin1'), FIRST);
  head.set(Buffer.from(label, 'latin1'), FIRST + 40);
  return head;
}

/** A VM of another tool. @param drives those of sda, sdb... */
function host(...drives: readonly string[]): TestContext {
  const context = testContext();
  const disks = drives.map(
    (drive, index) =>
      `<disk ${drive}<target dev="sd${'abc'.charAt(index)}" bus="sata"/><serial>mine</serial></disk>`,
  );
  const xml = `<domain type="kvm"><name>old</name><devices>${disks.join('')}</devices></domain>`;
  context.hypervisor.addDomain('old', xml, 'shut off');
  context.hypervisor.addDirectory(DIRECTORY, 'seed.iso', 'medium.iso', 'dark.iso');
  context.hypervisor.contents.set(`${DIRECTORY}/seed.iso`, iso('cidata'));
  context.hypervisor.contents.set(`${DIRECTORY}/medium.iso`, iso('Debian'));
  return context;
}

const cdrom = (source: string, type = 'file'): string => `type="${type}" device="cdrom">${source}`;
const file = (name: string): string => cdrom(`<source file="${DIRECTORY}/${name}"/>`);
const VOLUME = cdrom('<source pool="p" volume="seed.iso"/>', 'volume');
const NETWORK = cdrom('<source protocol="nbd"><host name="h"/></source>', 'network');

async function eject(context: TestContext) {
  using domain = await context.hypervisor.findDomain('old');
  if (domain === undefined) throw new Error('there is one');
  return await changeMedium(domain, context, { action: 'eject', isForced: false });
}

const documentOf = ({ hypervisor }: TestContext): string => hypervisor.domains.get('old')?.xml ?? '';

describe('the medium of a VM of another tool', () => {
  it('is taken out, and the drive stays as it is', async () => {
    const context = host(file('seed.iso'), file('medium.iso'));
    expect(await eject(context)).toBe('changed');
    expect(documentOf(context)).toContain('seed.iso');
    expect(documentOf(context)).not.toContain('medium.iso');
    expect(documentOf(context)).toContain('<target dev="sdb" bus="sata"/><serial>mine</serial></disk>');
  });

  it.each([
    ['a volume', VOLUME, 'sda: p/seed.iso is no file, but of type volume'],
    ['of a network', NETWORK, 'sda: what is in it is no file, but of type network'],
    ['a device', cdrom('<source dev="/dev/sr0"/>', 'block'), 'sda: /dev/sr0 is no file, but of type block'],
  ])('is not taken out where it is %s, which may be its seed', async (_, drive, why) => {
    const context = host(drive);
    const before = documentOf(context);
    await expect(eject(context)).rejects.toThrow(why);
    expect(documentOf(context)).toBe(before);
  });

  it.each([
    ['sdb with a file', [VOLUME, file('medium.iso')]],
    ['sdb that is an empty device', [NETWORK, cdrom('', 'block')]],
    ['one whose file is gone', [file('gone.iso')]],
  ])('is that of another drive: %s', async (_, drives) => {
    const context = host(...drives);
    await eject(context);
    expect(documentOf(context)).not.toMatch(/medium|gone/u);
  });

  it('is not taken out where nobody could look at it', async () => {
    const context = host(file('dark.iso'));
    context.hypervisor.fault = (call) => (call === 'Volume.head' ? 'unsupported' : undefined);
    await expect(eject(context)).rejects.toThrow('look at');
    expect(documentOf(context)).toContain('dark.iso');
  });
});
