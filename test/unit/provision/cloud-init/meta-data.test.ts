import { describe, expect, it } from 'vitest';
import { metaData } from '../../../../src/provision/cloud-init/meta-data.ts';
import { readByPython } from '../../cloud-init/judges.ts';

const CREATED_AT = new Date('2024-11-02T08:00:00.999Z');

describe('meta-data', () => {
  it('names the instance after the VM and the second it was made in', () => {
    expect(metaData('my-vm', 'web', CREATED_AT)).toBe('instance-id: my-vm-1730534400\nlocal-hostname: web\n');
  });

  it('gives a VM that is made again another instance id', () => {
    const later = new Date(CREATED_AT.getTime() + 1000);
    expect(metaData('my-vm', 'web', later)).not.toBe(metaData('my-vm', 'web', CREATED_AT));
  });

  it.each(['no', '2024-01-01', '1_000', '0b11'])('keeps the name %s a text', async (name) => {
    const [read] = await readByPython([metaData(name, name, CREATED_AT)]);
    expect(read).toStrictEqual({ 'instance-id': `${name}-1730534400`, 'local-hostname': name });
  });
});
