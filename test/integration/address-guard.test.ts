import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startLab } from '../lab/lab.ts';
import type { Lab } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { vm } from './vms.ts';

const host = useHost();
const NIC = { ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0' };

/** Hosts of another lab, which plow on this host reaches by their sockets. */
let others: Lab | undefined;
let config = '';

function there(): Lab {
  if (others === undefined) throw new Error('the lab is there from beforeAll on');
  return others;
}

beforeAll(async () => {
  others = await startLab(2);
  config = join(host().files, 'plow.yaml');
  const hosts = {
    hv1: { connect: 'qemu:///system' },
    hv2: { connect: there().uri('h1') },
    hv3: { connect: there().uri('h2') },
  };
  await writeFile(config, stringify({ host: 'hv1', hosts }));
});
afterAll(async () => {
  await others?.stop();
});

/** Defines a routed VM on a host of the other lab. */
async function givenRouted(name: string, tap: string, at = 'h1'): Promise<void> {
  const xml = `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>
    <devices><interface type='ethernet'><target dev='${tap}'/></interface></devices></domain>`;
  await there().exec(at, ['sh', '-ec', 'cat | virsh --quiet define /dev/stdin'], { input: xml });
}

/** Defines a VM of another tool on a host of the other lab. */
async function given(name: string, mac: string, at = 'h1'): Promise<void> {
  const xml = `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>
    <devices><interface type='bridge'><mac address='${mac}'/><source bridge='br1'/></interface></devices></domain>`;
  await there().exec(at, ['sh', '-ec', 'cat | virsh --quiet define /dev/stdin'], { input: xml });
}

afterEach(async () => {
  for (const at of ['h1', 'h2'])
    await there().exec(at, ['sh', '-c', 'for vm in $(virsh list --all --name); do virsh undefine $vm; done']);
});

async function plow(...words: readonly string[]): ReturnType<ReturnType<typeof host>['plow']> {
  return host().plow(['--config', config, ...words]);
}

describe('what another host of the settings has', () => {
  it('is refused, all at once and with its place, and taken where that is forced', async () => {
    await given('web', 'be:ef:0a:4d:00:32');
    await given('old', '52:54:00:00:00:01', 'h2');
    const second = { ip: '10.78.0.50/24', gateway: '10.78.0.1', bridge: 'br1', mac: '52:54:00:00:00:01' };
    const file = await host().write(vm({ network_interfaces: [NIC, second] }));
    const used = [
      "10.77.0.50 is used by VM 'web' on hv2 (MAC address be:ef:0a:4d:00:32, made from it)",
      "MAC address 52:54:00:00:00:01 is used by VM 'old' on hv3",
      "there is a VM 'web' on hv2",
    ];
    const refused = await plow('create', file);
    const keys = ['8:9: network_interfaces[0].ip', '14:10: network_interfaces[1].mac', '1:7: name'];
    expect(refused).toEqual({
      code: 2,
      stdout: "Creating VM 'web'...\n",
      stderr: used.map((text, index) => `error: ${file}:${keys[index]}: ${text}\n`).join(''),
    });
    expect((await plow('validate', '--on-host', file)).stderr).toContain(`name: ${used[2]}`);
    expect(await plow('create', '--force-address', file)).toMatchObject({
      code: 0,
      stderr: used.map((text) => `note: ${text}; taken all the same (--force-address)\n`).join(''),
    });
    await host().discard('web');
  });

  it('may be a routed address, announced from both, where that is wanted', async () => {
    await host().sh('mkdir -p /etc/plow; echo "prefixes: [10.55.0.0/16]" > /etc/plow/network.yaml');
    expect(await host().plow(['network', 'setup'])).toMatchObject({ code: 0 });
    await givenRouted('dns-1', 'vm0a370035');
    const dns = vm({ name: 'dns-2', network_interfaces: [{ mode: 'ethernet', ip: '10.55.0.53/32' }] });
    const file = await host().write(dns);
    const used = "10.55.0.53 is used by VM 'dns-1' on hv2";
    const refused = await plow('create', file);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain(`network_interfaces[0].ip: ${used}`);
    expect(refused.stderr).toContain('; --anycast announces it from both');
    const taken = await plow('create', '--anycast', file);
    expect(taken).toMatchObject({ code: 0 });
    expect(taken.stderr).toContain(`note: ${used}`);
    expect(taken.stderr).toContain(', which is announced as well (--anycast)');
    // On one host it could not even start.
    const twin = await host().write({ ...dns, name: 'dns-3' }, 'twin.yaml');
    const refusedTwin = await plow('create', '--anycast', twin);
    expect(refusedTwin).toMatchObject({ code: 2 });
    expect(refusedTwin.stderr).toContain("10.55.0.53 is used by VM 'dns-2'");
    await host().discard('dns-2');
    expect(await host().plow(['network', 'remove'])).toMatchObject({ code: 0 });
    await host().sh('rm -r /etc/plow');
  });

  it('is the same of a clone, and of an interface that is attached', async () => {
    await host().given(vm());
    await host().virsh('destroy web');
    await given('copy', 'be:ef:0a:4d:00:33');
    const clone = await plow('clone', 'web', 'copy', '--ip', '10.77.0.51/24', '--keep-identity');
    expect(clone.code).toBe(2);
    expect(clone.stderr).toContain("--ip 10.77.0.51/24: 10.77.0.51 is used by VM 'copy' on hv2");
    expect(clone.stderr).toContain("the name of the clone: there is a VM 'copy' on hv2");
    const nic = [
      'attach',
      'nic',
      'web',
      '--bridge',
      'br0',
      '--ip',
      '10.77.0.51/24',
      '--gateway',
      '10.77.0.1',
    ];
    const attached = await plow(...nic);
    expect(attached).toMatchObject({ code: 2 });
    expect(attached.stderr).toContain("10.77.0.51 is used by VM 'copy' on hv2");
    expect(await plow(...nic, '--force-address')).toMatchObject({ code: 0 });
    expect(await host().plow(['destroy', 'web'])).toMatchObject({ code: 0 });
  });

  it('is not waited for where that host hangs, or is down, which is told', async () => {
    await there().libvirtd('h1', 'freeze');
    await there().libvirtd('h2', 'stop');
    const file = await host().write(vm());
    const begun = performance.now();
    const { code, stderr } = await plow('create', file);
    const tookMs = performance.now() - begun;
    const dry = await plow('create', '--dry-run', '-o', 'json', await host().write(vm({ name: 'other' })));
    await there().libvirtd('h1', 'thaw');
    await there().libvirtd('h2', 'start');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^note: hv2 was not looked at for names and addresses: no answer .*\nnote: hv3 was not .*: libvirtd is not running\n$/u,
    );
    expect(tookMs).toBeLessThan(20_000);
    expect(dry.stderr).toContain("network_interfaces[0].ip: 10.77.0.50 is used by VM 'web'");
    await host().discard('web');
  });
});

/** Somebody on a bridge of the host, with an address, then without it, then gone. */
const NEIGHBOUR = `ip link add name there type veth peer name guest address 52:54:00:00:00:02
  ip link set there master br0 up
  unshare --net sh -c 'echo $$ > /run/guest.pid; exec sleep 300' > /dev/null 2>&1 < /dev/null &
  until [ -s /run/guest.pid ]; do sleep 0.05; done
  until ip link set guest netns $(cat /run/guest.pid) 2> /dev/null; do sleep 0.05; done
  nsenter -t $(cat /run/guest.pid) -n sh -c 'ip link set guest up; ip address add 10.77.0.50/24 dev guest'`;
const SILENT = 'nsenter -t $(cat /run/guest.pid) -n ip address flush dev guest';
const GONE = 'kill $(cat /run/guest.pid); rm /run/guest.pid';

describe('somebody who answers on the bridge', () => {
  it('keeps the address, also where the kernel knows them already, until they are gone', async () => {
    await host().sh(NEIGHBOUR);
    const file = await host().write(vm());
    const answers = '10.77.0.50 is in use on br0: MAC address 52:54:00:00:00:02 answers';
    for (const words of [['create'], ['create'], ['create', '--dry-run'], ['validate', '--on-host']]) {
      const { code, stderr } = await host().plow([...words, file]);
      expect(code).toBe(2);
      expect(stderr).toContain(`network_interfaces[0].ip: ${answers}, which no VM has that plow knows of`);
    }
    const devices =
      "<interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='br0'/></interface>";
    await host().foreignVm('define', { name: 'old', devices });
    expect((await host().plow(['create', file])).stderr).toContain(`${answers}, VM 'old'\n`);
    await host().virsh('undefine old');
    expect(await host().plow(['create', '--force-address', file])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`note: ${answers}`) as unknown,
    });
    await host().discard('web');
    await host().sh(SILENT);
    // The kernel remembers them.
    expect(await host().sh('cat /proc/net/arp')).toMatch(/10\.77\.0\.50 .*0x2 .*52:54:00:00:00:02/u);
    const dry = await host().plow(['create', '--dry-run', file]);
    expect(dry.stderr).toContain('(firmware and CPU mode, who answers at the addresses)');
    expect(await host().plow(['create', file])).toMatchObject({ code: 0, stderr: '' });
    await host().discard('web');
    await host().sh(GONE);
  });

  it('is not asked on a bridge that the host has no way through', async () => {
    const file = await host().write(
      vm({ network_interfaces: [{ ...NIC, ip: '10.99.0.5/24', gateway: '10.99.0.1' }] }),
    );
    const { stderr } = await host().plow(['create', '--dry-run', '--verbose', file]);
    expect(stderr).toContain(
      'who answers at the addresses was not looked at: the hypervisor has no route to 10.99.0.5 through br0\n',
    );
  });
});
