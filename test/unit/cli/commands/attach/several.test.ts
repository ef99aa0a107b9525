import { describe, expect, it } from 'vitest';
import { runCli } from '../../../../../src/cli/program.ts';
import { readDomain } from '../../../../../src/libvirt-xml/domain/read.ts';
import { parseXml } from '../../../../../src/libvirt-xml/read/parse.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { domainOf } from '../../../vm/list/tagged.ts';
import { fakeEnvironment } from '../../environment.ts';

function host(): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  for (const name of ['web-1', 'web-2']) {
    hypervisor.addDomain(name, domainOf(name, ['web']), 'shut off');
    hypervisor.addDirectory(`/images/${name}`, 'boot.qcow2');
  }
  return hypervisor;
}

function disks({ domains }: FakeHypervisor): readonly string[] {
  return [...domains].map(
    ([name, { xml }]) =>
      `${name} ${readDomain(parseXml(xml))
        .disks.map(({ target }) => target)
        .join(' ')}`,
  );
}

function plow(hypervisor: FakeHypervisor, words: string): Promise<unknown> {
  return runCli(words.split(' '), fakeEnvironment(hypervisor));
}

const NIC = '--bridge br0 --ip 10.20.31.40/24 --gateway 10.20.31.1';

describe('devices of several VMs', () => {
  it.each([
    ['attach disk --size 1 web-1 web-2', 'detach disk web-1 web-2 vdb'],
    ['attach disk --size 1 web-*', 'detach disk web-* vdb'],
    ['attach disk --size 1 --tag web', 'detach disk --tag web vdb'],
    ['attach disk --size 1 --all', 'detach disk --all vdb'],
  ])('%s; %s', async (attach, detach) => {
    const hypervisor = host();
    await plow(hypervisor, attach);
    expect(disks(hypervisor)).toStrictEqual(['web-1 vda vdb', 'web-2 vda vdb']);
    await plow(hypervisor, detach);
    expect(disks(hypervisor)).toStrictEqual(['web-1 vda', 'web-2 vda']);
  });

  it.each([
    [`attach nic web-1 web-2 ${NIC}`, /takes the name of one VM/u],
    [`attach nic --all ${NIC}`, /takes the name of one VM/u],
    [`attach nic web-* ${NIC}`, /takes the name of one VM/u],
    ['detach disk', /detach disk wants the disk at the end/u],
    ['detach disk vdb', /detach wants the names of VMs/u],
    ['detach nic --all', /detach nic wants the interface at the end/u],
  ])('%s is refused', async (words, message) => {
    const hypervisor = host();
    await expect(plow(hypervisor, words)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(message) as unknown,
    });
    expect(hypervisor.calls).toStrictEqual([]);
  });
});
