import { describe, expect, it } from 'vitest';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import type { XmlElement } from '../../../../src/libvirt-xml/read/parse.ts';
import { SYSTEM_PLACES } from '../../../../src/libvirt/places.ts';
import { findNvram } from '../../../../src/vm/ownership/nvram.ts';

const LIBVIRTS = '/var/lib/libvirt/qemu/nvram/web_VARS.fd';

function domain(os: string): XmlElement {
  return parseXml(`<domain><name>web</name>${os}</domain>`);
}

function find(stored: string, live = stored, users: readonly [string, string][] = []): unknown {
  return findNvram(
    'web',
    { stored: domain(stored), live: domain(live) },
    '/images/web',
    new Map(users),
    SYSTEM_PLACES,
  );
}

describe('the NVRAM of a VM', () => {
  it('is none with BIOS', () => {
    expect(find('<os><type>hvm</type></os>')).toBeUndefined();
  });

  it.each([
    [
      'where libvirt put it when the VM was started',
      "<os firmware='efi'/>",
      `<os><nvram>${LIBVIRTS}</nvram></os>`,
      LIBVIRTS,
    ],
    ['where libvirt would put it', "<os firmware='efi'/>", "<os firmware='efi'/>", LIBVIRTS],
    [
      "in a user's session",
      '<os><nvram>/home/me/.config/libvirt/qemu/nvram/web_VARS.fd</nvram></os>',
      undefined,
      '/home/me/.config/libvirt/qemu/nvram/web_VARS.fd',
    ],
    [
      "in the VM's directory",
      '<os><nvram>/images/web/vars.fd</nvram></os>',
      undefined,
      '/images/web/vars.fd',
    ],
  ])('is its own %s', (_, stored, live, path) => {
    expect(find(stored, live)).toEqual({ path, kept: undefined });
  });

  it.each(['/images/vars.fd', '/images/web/../vars.fd', '/libvirt/qemu/nvram/../vars.fd'])(
    'stays at %s',
    (path) => {
      expect(find(`<os><nvram>${path}</nvram></os>`)).toEqual({
        path,
        kept: "not in the VM's directory /images/web",
      });
    },
  );

  it('stays where another VM uses it', () => {
    expect(find("<os firmware='efi'/>", undefined, [[LIBVIRTS, 'other']])).toEqual({
      path: LIBVIRTS,
      kept: "VM 'other' uses it",
    });
  });

  it('may be no file at all', () => {
    const network = "<os><nvram type='network'><source protocol='iscsi' name='x'/></nvram></os>";
    expect(find(network)).toBeUndefined();
  });
});
