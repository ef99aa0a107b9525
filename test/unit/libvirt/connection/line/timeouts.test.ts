import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withDeadline } from '../../../../../src/libvirt/connection/line/deadline.ts';
import { deadlineOf, UNBOUNDED } from '../../../../../src/libvirt/connection/line/timeouts.ts';
import { whileTimePasses } from '../../../time.ts';

const late = (): Error => new Error('late');
const sleep = (milliseconds: number): Promise<number> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds, milliseconds);
  });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a deadline', () => {
  it('does not touch what is in time', async () => {
    expect(await whileTimePasses(withDeadline(sleep(4999), 5000, late))).toBe(4999);
    expect(vi.getTimerCount()).toBe(0);
    await expect(withDeadline(Promise.reject(new Error('own')), 5000, late)).rejects.toThrow('own');
  });

  it('is kept, and an error that comes after it goes unseen', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    const work = sleep(20).then(() => Promise.reject(new Error('own')));
    await expect(whileTimePasses(withDeadline(work, 5, late))).rejects.toThrow('late');
    await vi.advanceTimersByTimeAsync(40);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('calls that are answered from memory', () => {
  it.each([
    'virDomainGetState',
    'virStoragePoolLookupByTargetPath',
    'virInterfaceLookupByName',
    'virConnectListAllStoragePools',
  ] as const)('%s has a second more than keepalive', (name) => {
    expect(deadlineOf(name, 8000)).toBe(9000);
  });

  it.each(['virDomainGetXMLDesc', 'virStoragePoolRefresh', 'virStorageVolGetXMLDesc'] as const)(
    'but not %s, which may wait for another job',
    (name) => {
      expect(deadlineOf(name, 30_000)).toBe(60_000);
    },
  );
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
