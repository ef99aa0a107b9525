import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { imageDocument } from '../../src/documents/images/image-schema.ts';
import { MIB } from '../../src/text/units.ts';
import { addBusyboxImage } from '../lab/guest-image.ts';
import { storeImage, STORE } from '../lab/stored-image.ts';
import type { Finished } from '../lab/lab.ts';
import { useHost } from './support.ts';

/** Guests that come up in seconds and lack what a cloud image has; one that passes is in test/e2e. */
const host = useHost();
const ADDRESS = '10.77.0.250';
const WHERE = ['--bridge', 'br0', '--ip', `${ADDRESS}/24`, '--gateway', '10.77.0.11', '--firmware', 'bios'];

const gate = (...argv: readonly string[]): Promise<Finished> =>
  host().plow(['image', 'gate', ...WHERE, ...argv], { PLOW_VIRT_TYPE: 'qemu' });

/** An image of the lab, as if it had been pulled. */
async function store(name: 'tiny' | 'busybox'): Promise<string> {
  const { lab } = host();
  const source = join(lab.images('h1'), `${name}.qcow2`);
  return storeImage(lab, 'h1', source, { name, format: 'qcow2', capacityBytes: 24 * MIB });
}

/** What the record of the only image says of its throw-away boot. */
async function recorded(): Promise<unknown> {
  const { stdout } = await host().plow(['image', 'list', '-o', 'json']);
  return imageDocument.parse(JSON.parse(stdout)).gate;
}

beforeAll(async () => void (await addBusyboxImage(host().lab, 'h1')));
afterEach(() => host().sh(`rm -rf ${STORE}`));

describe('an image that fails', () => {
  it('does not boot: its seed is not read', async () => {
    await store('tiny');
    const { code, stdout, stderr } = await gate('--timeout', '4s', 'tiny');
    expect(code).toBe(4);
    expect(stderr).toContain(
      'error: tiny@1 did not pass the gate: it is not proven that its guest reads its seed\n',
    );
    expect(stderr).toContain('console: tiny guest\n');
    expect(stderr).toContain('hint: --keep leaves the VM there');
    expect(stdout).toMatch(/^✓ VM 'plow-gate-[0-9a-f]{8}' started, of tiny@1$/mu);
    expect(stdout).toMatch(/^✓ VM 'plow-gate-[0-9a-f]{8}' removed$/mu);
    expect(await recorded()).toMatchObject({ result: 'failed', proof: 'seed', boot_seconds: null });
    expect((await host().plow(['image', 'list'])).stdout).toContain('ready, gate failed: seed');
  });

  it('has its address and no ssh', async () => {
    await store('busybox');
    const { code, stdout } = await gate('-o', 'json', '--timeout', '25s', 'busybox');
    expect(code).toBe(4);
    const told = imageDocument.parse(JSON.parse(stdout));
    expect(told).toMatchObject({
      action: 'gate',
      status: 'failed',
      name: 'busybox',
      gate: { result: 'failed', proof: 'ssh', boot_seconds: null },
      error: { message: expect.stringContaining(`${ADDRESS} refuses connections to TCP port 22`) as unknown },
    });
    expect(await recorded()).toEqual(told.gate);
  });
});

it('is kept with --keep, and expires', async () => {
  await store('tiny');
  const { code, stderr } = await gate('--keep', '--timeout', '1s', 'tiny@1');
  expect(code).toBe(4);
  const [, name = ''] = /^note: VM '(plow-gate-[0-9a-f]{8})' is kept: plow destroy/mu.exec(stderr) ?? [];
  const shown = await host().plow(['list', '-o', 'json']);
  expect(JSON.parse(shown.stdout)).toMatchObject({ vms: [{ name, expires: expect.any(String) as unknown }] });
  await host().discard(name);
});

describe('what is refused leaves nothing, and is no word on the image', () => {
  it.each([
    [
      'an address of the hypervisor',
      ['--ip', '10.77.0.11/24', '--gateway', '10.77.0.1'],
      'error: --ip: 10.77.0.11 is an address of the hypervisor itself',
    ],
    ['a bridge that is not there', ['--bridge', 'br7'], 'error: --bridge: '],
    ['an image that is not there', ['nosuch'], 'error: there is no image nosuch on the hypervisor'],
  ])('%s', async (_, argv, words) => {
    await store('tiny');
    const image = argv[0]?.startsWith('--') === true ? ['tiny'] : [];
    const { code, stderr } = await gate(...argv, ...image);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(words) as unknown });
    expect(await recorded()).toBeNull();
  });
});

it.each(['INT', 'TERM'])('a SIG%s takes its VM away', async (signal) => {
  await store('tiny');
  const argv = ['image', 'gate', ...WHERE, 'tiny'].join(' ');
  const script = `"$@" ${argv} & until virsh -q list --name | grep -q gate; do sleep 0.1; done
    sleep 1; kill -${signal} $!; wait $!`;
  const { code, stderr } = await host().plowInShell(script, { env: { PLOW_VIRT_TYPE: 'qemu' } });
  expect(code).toBe(signal === 'INT' ? 130 : 143);
  expect(stderr).toMatch(
    /interrupted by SIG\w+: VM 'plow-gate-[0-9a-f]{8}' is removed, nothing is recorded/u,
  );
  expect(await recorded()).toBeNull();
});
