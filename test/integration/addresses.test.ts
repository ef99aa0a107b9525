import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { created, vm } from './vms.ts';

const host = useHost();
const MAC = 'be:ef:0a:4d:00:32';

function refusal(file: string, owner: string, why = ''): object {
  return {
    code: 2,
    stdout: "Creating VM 'new'...\n",
    stderr: `error: ${file}:8:9: network_interfaces[0].ip: 10.77.0.50 is used by VM '${owner}'${why}\n`,
  };
}

describe('plow create refuses an address', () => {
  it.each([
    ['runs', 'uri'],
    ['is shut off', 'destroy web'],
  ])('that a VM has which %s, until that VM is gone', async (_, prepare) => {
    await host().given(vm());
    await host().virsh(prepare);
    const file = await host().write(vm({ name: 'new' }), 'new.yaml');
    expect(await host().plow(['create', file])).toEqual(refusal(file, 'web'));
    await host().exec(['virsh', '--quiet', 'destroy', 'web']);
    expect(await host().plow(['destroy', 'web'])).toMatchObject({ code: 0 });
    expect(await host().plow(['create', file])).toMatchObject({ code: 0, stderr: '' });
    await host().discard('new');
  });

  it('that a VM of another tool has', async () => {
    const devices = `<interface type='bridge'><mac address='${MAC.toUpperCase()}'/><source bridge='br1'/></interface>`;
    await host().foreignVm('define', { name: 'old', devices });
    const file = await host().write(vm({ name: 'new' }), 'new.yaml');
    expect(await host().plow(['create', file])).toEqual(
      refusal(file, 'old', ` (MAC address ${MAC}, made from it)`),
    );
    await host().virsh('undefine old');
  });

  it('on each interface, with its owner', async () => {
    const second = { ip: '10.78.0.50/24', gateway: '10.78.0.1', bridge: 'br1' };
    await host().given(vm({ network_interfaces: [second] }));
    const devices = `<interface type='bridge'><mac address='${MAC}'/><source bridge='br0'/></interface>`;
    await host().foreignVm('define', { name: 'old', devices });
    const first = { ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0' };
    const file = await host().write(vm({ name: 'new', network_interfaces: [first, second] }), 'new.yaml');
    expect(await host().plow(['create', file])).toEqual({
      code: 2,
      stdout: "Creating VM 'new'...\n",
      stderr: [
        `error: ${file}:8:9: network_interfaces[0].ip: 10.77.0.50 is used by VM 'old' (MAC address ${MAC}, made from it)`,
        `error: ${file}:11:9: network_interfaces[1].ip: 10.78.0.50 is used by VM 'web'\n`,
      ].join('\n'),
    });
    await host().virsh('undefine old');
    await host().discard('web');
    expect(await host().plow(['create', file])).toEqual({ code: 0, stdout: created('new'), stderr: '' });
    await host().discard('new');
  });
});
