import { describe, expect, it } from 'vitest';
import type { ImageLock, LockedBuild } from '../../../../src/config/machine.ts';
import { PlowError } from '../../../../src/errors/plow-error.ts';
import { findByLock } from '../../../../src/vm/image-store/locked-image.ts';
import { testContext } from '../context.ts';

const build = (version: string, letter: string): LockedBuild => ({
  version,
  url: 'https://example.com/a.qcow2',
  format: 'qcow2',
  content: `sha256:${letter.repeat(64)}`,
});
const LOCK: ImageLock = {
  file: 'vms/images.lock',
  name: 'debian',
  version: undefined,
  builds: { x86_64: build('1', 'a'), aarch64: build('2', 'b') },
};
const echo = async (word: string): Promise<string> => word;
const failing = (kind: 'storage' | 'validation') => (): Promise<string> =>
  Promise.reject(new PlowError(kind, 'none'));

describe('an image that a lock has', () => {
  it('is found by digest, and by name where there is no lock', async () => {
    const { x86_64 } = LOCK.builds;
    const one = { ...LOCK, builds: { x86_64 } };
    const context = testContext();
    const found = await findByLock('debian', { lock: one, arch: undefined }, context, echo);
    expect(found).toBe(`sha256:${'a'.repeat(64)}`);
    expect(await findByLock('debian', { lock: undefined, arch: undefined }, context, echo)).toBe('debian');
    expect(context.hypervisor.calls).toStrictEqual([]);
  });

  it('is that of the VM, else of the hypervisor, which is asked where the lock has several', async () => {
    const context = testContext();
    const find = (arch: 'aarch64' | undefined): Promise<string> =>
      findByLock('debian', { lock: LOCK, arch }, context, echo);
    expect(await find('aarch64')).toBe(`sha256:${'b'.repeat(64)}`);
    expect(context.hypervisor.calls).toStrictEqual([]);
    expect(await find(undefined)).toBe(`sha256:${'a'.repeat(64)}`);
    expect(context.hypervisor.calls).toStrictEqual(['capabilities']);
  });

  it('is refused where the version is that of another architecture, or there is none for it', async () => {
    const context = testContext();
    const other = { ...LOCK, version: '2' };
    await expect(findByLock('debian@2', { lock: other, arch: 'x86_64' }, context, echo)).rejects.toThrow(
      'debian@2 is not the version of vms/images.lock, which has 1 for x86_64',
    );
    const { x86_64 } = LOCK.builds;
    const lock = { ...LOCK, builds: { x86_64 } };
    await expect(findByLock('debian', { lock, arch: 'aarch64' }, context, echo)).rejects.toThrow(
      'vms/images.lock has no debian for aarch64',
    );
  });

  it('that is not there is told with what brings it; other errors stay', async () => {
    const about = { lock: { ...LOCK, file: 'my vms/images.lock' }, arch: 'x86_64' } as const;
    await expect(findByLock('debian', about, testContext(), failing('validation'))).rejects.toThrow(
      `(plow image pull --images-lock 'my vms/images.lock' debian@1 brings it)`,
    );
    await expect(findByLock('debian', about, testContext(), failing('storage'))).rejects.toThrow(/^none$/u);
  });
});
