import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runImageUpdate } from '../../../../../src/cli/commands/image/lock/update.ts';
import type { UpdateOptions } from '../../../../../src/cli/commands/image/lock/update.ts';
import { settingsOf } from '../../../../../src/cli/settings/settings.ts';
import { PlowError } from '../../../../../src/errors/plow-error.ts';
import { writeRecord } from '../../../../../src/vm/image-store/record.ts';
import type { ImageRecord } from '../../../../../src/vm/image-store/record.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { fakeEnvironment } from '../../environment.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const IMAGES = '/var/lib/libvirt/images/plow.images';
const own = { download_url: 'https://example.com/own-20260202.qcow2', checksum_value: DIGEST };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-update-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Updates a name whose newest build is on the hypervisor, so that nothing is downloaded. */
async function update(options: Partial<UpdateOptions> = {}): Promise<readonly string[]> {
  const hypervisor = new FakeHypervisor();
  const record: ImageRecord = {
    status: 'ready',
    isMade: true,
    token: 'a',
    name: 'own',
    version: '20260202',
    url: own.download_url,
    format: 'qcow2',
    downloaded: DIGEST,
    content: DIGEST,
    bytes: 1,
    capacityBytes: 1,
    insecure: false,
    signedBy: null,
    plow: '0.1.0',
    at: '2026-11-28T10:00:00.000Z',
  };
  hypervisor.addDirectory(IMAGES, 'own.qcow2');
  hypervisor.directories.get(IMAGES)?.set('own.qcow2.plow.json', 'raw 0');
  hypervisor.contents.set(`${IMAGES}/own.qcow2.plow.json`, writeRecord(record));
  const environment = fakeEnvironment(hypervisor);
  const settings = await settingsOf({ connect: 'qemu:///system' }, environment, 'a place for VMs');
  const known = { images: { own }, keyringOf: (name: string) => name };
  const how = { format: 'text', known, imagesLock: join(folder, 'images.lock'), ...options } as const;
  await runImageUpdate(['own'], how, settings, environment);
  return environment.stdout;
}

const refuse = (): Promise<void> => Promise.reject(new PlowError('operation', 'it does not boot'));

describe('an update', () => {
  it('asks the gate of an image that is there, before the lock has it', async () => {
    const asked: string[] = [];
    const gate = async (): Promise<void> => void asked.push(String(await readdir(folder)));
    expect(await update({ gate })).toContain(`✓ ${folder}/images.lock has own@20260202 now (new in it)`);
    expect(asked).toStrictEqual(['']);
    expect(await readFile(join(folder, 'images.lock'), 'utf8')).toContain(`content: ${DIGEST}`);
  });

  it('leaves the lock as it is where the gate says no', async () => {
    await expect(update({ gate: refuse })).rejects.toThrow('it does not boot');
    expect(await readdir(folder)).toStrictEqual([]);
    await update();
    const before = await readFile(join(folder, 'images.lock'), 'utf8');
    const older = before.replaceAll('20260202', '20260101').replaceAll('aa', 'bb');
    await writeFile(join(folder, 'images.lock'), older);
    await expect(update({ gate: refuse })).rejects.toThrow('it does not boot');
    expect(await readFile(join(folder, 'images.lock'), 'utf8')).toBe(older);
    await update();
    expect(await readFile(join(folder, 'images.lock'), 'utf8')).toBe(before);
  });

  it('does not touch a lock that says the same, however that is written', async () => {
    await update();
    const before = await readFile(join(folder, 'images.lock'), 'utf8');
    const written = before.replace('format: qcow2', "format: 'qcow2' # of ours");
    await writeFile(join(folder, 'images.lock'), written);
    expect(await update()).toContain(`✓ own@20260202 is the newest, and what ${folder}/images.lock has`);
    expect(await readFile(join(folder, 'images.lock'), 'utf8')).toBe(written);
  });
});
