import { describe, expect, it } from 'vitest';
import { plowWith } from '../faults/faulty.ts';
import type { Finished } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { vm } from './vms.ts';

const host = useHost();

const DIRECTORY = '/run/together';
const KILL = 'kill -KILL "$(< /run/libvirtd.pid)"; while [[ -e /proc/$(< /run/libvirtd.pid) ]]; do :; done';

const NAMES = ['web-1', 'web-2', 'web-3'];

/** Three files, and nothing else. */
async function write(more: object = {}): Promise<void> {
  await host().sh(`rm -rf ${DIRECTORY}; mkdir ${DIRECTORY}`);
  for (const [index, name] of NAMES.entries()) {
    const network_interfaces = [{ ip: `10.77.0.7${index}/24`, gateway: '10.77.0.1', bridge: 'br0' }];
    const path = await host().write(vm({ name, network_interfaces, ...more }), `${name}.yaml`);
    await host().sh(`cp ${path} ${DIRECTORY}`);
  }
}

const CHANGED = {
  description: 'a web server',
  tags: ['eu'],
  vcpus: 2,
  data_disks: [{ device: 'vdb', size_gb: 1 }],
};

async function apply(...options: readonly string[]): Promise<Finished> {
  return host().plow(['apply', ...options, DIRECTORY]);
}

/** All are as their files say, and there is one of each. */
async function expectDone(): Promise<void> {
  // What was left to the other one, and what waits for a start.
  expect(await apply()).toMatchObject({ code: 0 });
  const { stdout } = await host().plow(['diff', DIRECTORY]);
  expect(stdout.replaceAll(/^VM .*\n| *vcpus: 1 now, 2 as in the file .*\n/gmu, '')).toBe('');
  expect((await host().virsh('list --all --name')).split('\n').toSorted()).toStrictEqual(NAMES);
  expect(await host().virsh('pool-list --all --name')).toBe('');
}

async function discardAll(): Promise<void> {
  for (const name of NAMES) await host().discard(name);
  await host().sh(`rm -r ${DIRECTORY}`);
}

describe('two plow apply of the same directory at once', () => {
  it('make each VM once, and each change once', async () => {
    await write();
    const made = await Promise.all([apply('-o', 'json'), apply('-o', 'json')]);
    const created = made.flatMap(({ stdout }) => [...stdout.matchAll(/"status":"created"/gu)]);
    expect(created).toHaveLength(3);
    // 0: it made all, or came so late that there was nothing to do. 2, 4: what the other one made meanwhile
    // is told as plow create tells it. 5: a file or a pool of the other one was in the way.
    for (const { code, stderr } of made) {
      expect([0, 2, 4, 5]).toContain(code);
      expect(stderr).not.toContain('unexpected');
    }
    await expectDone();

    await write(CHANGED);
    const changed = await Promise.all([apply(), apply()]);
    for (const { code, stderr } of changed) {
      // 0: it did all, or came too late. 4: a VM was changed since its plan was made. 5: the file of the new
      // disk is that of the other one.
      expect([0, 4, 5]).toContain(code);
      expect(stderr).not.toContain('unexpected');
    }
    await expectDone();
    for (const name of NAMES) {
      expect(await host().virsh(`domblklist ${name} --inactive`)).toMatch(/^ *vda +\S+\n *vdb +\S+$/u);
      expect(await host().sh(`ls /var/lib/libvirt/images/${name} | grep -c '^data-'`)).toBe('1');
    }
    await discardAll();
  });
});

describe('plow apply to a host that goes away in the middle', () => {
  it('says so, and does the rest when it is back', async () => {
    await write();
    expect(await apply()).toMatchObject({ code: 0 });
    await write(CHANGED);
    // How many calls a comparison makes: the next ones are those of the work.
    const { calls } = await plowWith(host(), ['diff', DIRECTORY]);
    // All are compared before; whether a first VM is done by then does not matter.
    const at = calls.length + 8;
    const cut = await plowWith(host(), ['apply', DIRECTORY], { at, action: 'run', command: KILL });
    await host().libvirtd('start');
    await host().virsh('uri');
    expect(cut.code).toBe(3);
    expect(cut.stderr).toMatch(/^error: .*(?:broke|not running)/mu);
    expect(cut.stderr).toMatch(/[1-3] of 3 VMs were not applied: .*web-3/u);
    await expectDone();
    await discardAll();
  });
});

describe('plow apply of files that cannot be meant', () => {
  it('tells all mistakes of 500 files at once, and changes nothing', async () => {
    await host().sh(`rm -rf ${DIRECTORY}; mkdir ${DIRECTORY}`);
    const { network_interfaces: _, ...plain } = vm() as { network_interfaces: unknown };
    const path = await host().write({
      ...plain,
      name: 'NAME',
      network_interfaces: [{ ip: 'IP/16', gateway: '10.78.255.254', bridge: 'br0' }],
    });
    await host()
      .sh(`for i in $(seq 500); do sed "s/NAME/many-$i/; s#IP/16#10.78.$((i / 200)).$((i % 200 + 1))/16#" ${path} \
      > ${DIRECTORY}/$i.yaml; done; sed -i 's/vcpus: 1/vcpus: 0/; s/memory_gib: 1/memory_gib: x/' ${DIRECTORY}/250.yaml`);
    const begun = performance.now();
    const { code, stdout, stderr } = await apply();
    console.log(`500 files took ${Math.round(performance.now() - begun)} ms`);
    expect({ code, stdout }).toStrictEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/250\.yaml:\d+:\d+: vcpus/u);
    expect(stderr).toMatch(/250\.yaml:\d+:\d+: memory_gib/u);
    expect(stderr).not.toMatch(/(?<!250)\.yaml:/u);
    expect(await host().virsh('list --all --name')).toBe('');
    await host().sh(`rm -r ${DIRECTORY}`);
  });

  it('refuses two files with one address, and names both', async () => {
    await write();
    await host().sh(`sed -i s/10.77.0.72/10.77.0.71/ ${DIRECTORY}/web-3.yaml`);
    const { code, stderr } = await apply();
    expect(code).toBe(2);
    expect(stderr).toMatch(/web-3\.yaml:\d+:\d+: .*10\.77\.0\.71/u);
    expect(stderr).toContain('web-2.yaml');
    expect(await host().virsh('list --all --name')).toBe('');
    await host().sh(`rm -r ${DIRECTORY}`);
  });
});
