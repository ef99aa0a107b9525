import { describe, expect, it } from 'vitest';
import { takeBack } from '../../../../src/vm/move/waiting.ts';
import { thrownBy } from '../each-call.ts';
import { at, endsOf, given, move } from './hosts.ts';
import type { Hosts } from './hosts.ts';

/** A move that has lost its line to h2 while it copied. */
async function halfWay(): Promise<Hosts> {
  const hosts = given('shut off');
  let uploads = 0;
  hosts.h2.hypervisor.fault = (call) => {
    if (call === 'Volume.writeSparse') uploads += 1;
    return uploads > 1 ? 'disconnected' : undefined;
  };
  await thrownBy(move(hosts));
  hosts.h2.hypervisor.fault = () => undefined;
  expect(at(hosts.h2)).toMatchObject({ domains: [{ mark: 'copying', isBarred: true }] });
  return hosts;
}

describe('a move that did not end', () => {
  it('does not go on with, and takes nothing back from, a hypervisor that has the name of the other by now', async () => {
    const hosts = await halfWay();
    hosts.h2.hypervisor.topology = '<uuid>of-h3</uuid>';
    const before = [at(hosts.h1), at(hosts.h2)];
    const words = "h2 is another hypervisor than the one that VM 'web' moves to";
    await expect(move(hosts)).rejects.toThrow(words);
    await expect(takeBack('web', endsOf(hosts))).rejects.toThrow(words);
    expect([at(hosts.h1), at(hosts.h2)]).toEqual(before);
  });

  it('removes no file there but those that it has made there, whatever the VM says here', async () => {
    const hosts = await halfWay();
    const { h1, h2 } = hosts;
    h2.hypervisor.addDirectory('/images', 'precious.qcow2');
    const domain = h1.hypervisor.domains.get('web');
    if (domain === undefined) throw new Error('it is there');
    domain.xml = domain.xml.replace('/images/base.qcow2&quot;]', '/images/precious.qcow2&quot;]');
    expect(domain.xml).toContain('/images/precious.qcow2');
    await takeBack('web', endsOf(hosts));
    expect(at(h1)).toEqual(at(given('shut off').h1));
    expect([...(h2.hypervisor.directories.get('/images')?.keys() ?? [])]).toEqual(['precious.qcow2']);
  });
});

describe('two moves of a VM at once', () => {
  it.each([...Array(40).keys()])('leave it at one place, the second %i calls behind', async (behind) => {
    const hosts = given('shut off');
    const second = async (): Promise<unknown> => {
      for (let turn = 0; turn < 20 * behind; turn += 1) await Promise.resolve();
      return thrownBy(move(hosts));
    };
    await Promise.all([thrownBy(move(hosts)), second()]);
    const smooth = given('shut off');
    await move(smooth);
    if (hosts.h1.hypervisor.domains.has('web')) await move(hosts);
    expect([at(hosts.h1), at(hosts.h2)]).toEqual([at(smooth.h1), at(smooth.h2)]);
  });
});
