import { describe, expect, it, vi } from 'vitest';
import { withDeadline } from '../../../../src/libvirt/connection/deadline.ts';
import { UNBOUNDED } from '../../../../src/libvirt/connection/timeouts.ts';

const late = (): Error => new Error('late');
const sleep = (milliseconds: number): Promise<number> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds, milliseconds);
  });

describe('a deadline', () => {
  it('does not touch what is in time', async () => {
    expect(await withDeadline(sleep(1), 5000, late)).toBe(1);
    await expect(withDeadline(Promise.reject(new Error('own')), 5000, late)).rejects.toThrow('own');
  });

  it('is kept, and an error that comes after it goes unseen', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    const work = sleep(20).then(() => Promise.reject(new Error('own')));
    await expect(withDeadline(work, 5, late)).rejects.toThrow('late');
    await sleep(40);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('calls that take as long as they need', () => {
  it.each(['virStorageVolCreateXMLFrom', 'virStorageVolDelete', 'virStreamSend', 'virDomainCreate'])(
    '%s',
    (name) => {
      expect(UNBOUNDED.test(name)).toBe(true);
    },
  );

  it.each([
    'virDomainDefineXMLFlags',
    'virDomainDestroy',
    'virConnectListAllDomains',
    'virDomainCreateXML',
    'virStoragePoolRefresh',
    'virStorageVolGetXMLDesc',
    'virStreamRecv',
  ])('but not %s', (name) => {
    expect(UNBOUNDED.test(name)).toBe(false);
  });
});
