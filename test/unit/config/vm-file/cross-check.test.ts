import { describe, expect, it } from 'vitest';

import { checkText } from '../../../../src/config/vm-file/check.ts';
import type { CheckedText } from '../../../../src/config/vm-file/check.ts';
import { describe as lineOf } from '../../../../src/config/diagnostics/diagnostic.ts';
import { crossChecked } from '../../../../src/config/vm-file/cross-check.ts';
import { changed } from '../sample.ts';

/** A file of a VM with a MAC address that does not follow from its address. */
function file(name: string, address: string, mac: string): CheckedText {
  const text = changed('my-vm', name).replace('10.0.0.2', address);
  const checked = checkText(`${name}.yaml`, text, { virtType: undefined });
  const interfaces = checked.machine?.interfaces.map((one) => ({ ...one, mac })) ?? [];
  return { ...checked, machine: checked.machine && { ...checked.machine, interfaces } };
}

function linesOf(...files: readonly CheckedText[]): readonly string[] {
  return crossChecked(files).flatMap(({ diagnostics }) => diagnostics.map(lineOf));
}

describe('MAC addresses of their own', () => {
  it('may not be in two files', () => {
    expect(
      linesOf(file('aa', '10.0.0.2', '52:54:00:00:00:01'), file('bb', '10.0.0.3', '52:54:00:00:00:01')),
    ).toStrictEqual([
      'bb.yaml:8:5: network_interfaces[0].mac: 52:54:00:00:00:01 is already the MAC address of the VM in aa.yaml:8:5',
    ]);
  });

  it('may not be that which follows from the address of another file', () => {
    expect(
      linesOf(file('aa', '10.0.0.2', 'be:ef:0a:00:00:02'), file('bb', '10.0.0.3', 'be:ef:0a:00:00:02')),
    ).toStrictEqual([
      'bb.yaml:8:5: network_interfaces[0].mac: be:ef:0a:00:00:02 is already the MAC address of the VM in aa.yaml:8:9',
    ]);
  });

  it('may differ where the addresses do', () => {
    expect(
      linesOf(file('aa', '10.0.0.2', '52:54:00:00:00:01'), file('bb', '10.0.0.3', '52:54:00:00:00:02')),
    ).toStrictEqual([]);
  });
});
