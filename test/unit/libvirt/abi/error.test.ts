import { constants } from 'node:os';
import koffi from 'koffi';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Pointer } from '../../../../src/libvirt/abi/native.ts';
import { takeErrorOf, VIR_ERR, VIR_FROM } from '../../../../src/libvirt/abi/error.ts';

vi.mock('../../../../src/libvirt/abi/native.ts', () => ({ callLocal: () => 0 }));

const URI = 'qemu:///system';

interface Raised {
  readonly code: number;
  readonly domain?: number;
  readonly message?: string | null;
  readonly int1?: number;
}

function errorOf({ code, domain = QEMU, message = 'words', int1 = 0 }: Raised, call = 'virCall'): unknown {
  vi.spyOn(koffi, 'decode').mockReturnValue({ code, domain, message, int1 });
  return takeErrorOf(0n as Pointer<'virConnect'>, call, URI);
}

afterEach(() => {
  vi.restoreAllMocks();
});

const { EACCES, EBUSY, ECONNREFUSED, EEXIST, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY, EPIPE, EROFS } =
  constants.errno;
const { INTERNAL_ERROR, OPERATION_FAILED, OPERATION_INVALID, SYSTEM_ERROR } = VIR_ERR;
const { RPC, STORAGE } = VIR_FROM;
/** Another part of libvirt. */
const QEMU = 10;
const JOBS = "internal error: pool 'default' has asynchronous jobs running.";

describe('the reason of an error', () => {
  it.each<[string, Raised, string]>([
    ['a pool with jobs, in libvirt 9.0', { code: INTERNAL_ERROR, domain: STORAGE, message: JOBS }, 'busy'],
    ['a pool with jobs, or stopped', { code: OPERATION_INVALID, domain: STORAGE }, 'busy'],
    ['another internal error', { code: INTERNAL_ERROR, domain: STORAGE }, 'other'],
    ['the same words about something else', { code: INTERNAL_ERROR, message: JOBS }, 'other'],
    ['an internal error without words', { code: INTERNAL_ERROR, domain: STORAGE, message: null }, 'other'],
    ['a domain that is off', { code: OPERATION_INVALID }, 'not-running'],
    ['a job on a domain that never ends', { code: VIR_ERR.OPERATION_TIMEOUT }, 'busy'],
    ['no such file', { code: SYSTEM_ERROR, domain: STORAGE, int1: ENOENT }, 'no-such-file'],
    ['a file on the way', { code: SYSTEM_ERROR, domain: STORAGE, int1: ENOTDIR }, 'not-a-directory'],
    ['files in it', { code: SYSTEM_ERROR, domain: STORAGE, int1: ENOTEMPTY }, 'not-empty'],
    ['files in it, as some systems say', { code: SYSTEM_ERROR, domain: STORAGE, int1: EEXIST }, 'not-empty'],
    ['a full disk', { code: SYSTEM_ERROR, domain: STORAGE, int1: ENOSPC }, 'no-space'],
    ['a file system for reading', { code: SYSTEM_ERROR, domain: STORAGE, int1: EROFS }, 'read-only'],
    ['a mount point', { code: SYSTEM_ERROR, domain: STORAGE, int1: EBUSY }, 'in-use'],
    ['a volume that is there', { code: VIR_ERR.STORAGE_VOL_EXIST, domain: STORAGE }, 'already-exists'],
    ['a link that broke', { code: VIR_ERR.RPC, domain: QEMU }, 'disconnected'],
    ['a link that broke in the middle', { code: INTERNAL_ERROR, domain: RPC }, 'disconnected'],
    ['a socket that broke', { code: SYSTEM_ERROR, domain: RPC, int1: EPIPE }, 'disconnected'],
    ['a daemon that has no socket', { code: SYSTEM_ERROR, domain: RPC, int1: ENOENT }, 'daemon-down'],
    ['a daemon that is down', { code: SYSTEM_ERROR, domain: RPC, int1: ECONNREFUSED }, 'daemon-down'],
    ['a daemon out of reach', { code: SYSTEM_ERROR, domain: RPC, int1: EACCES }, 'denied'],
    ['what the driver cannot do', { code: VIR_ERR.NO_SUPPORT }, 'unsupported'],
    ['what nobody has numbered yet', { code: 9999 }, 'other'],
  ])('of %s', (_, raised, reason) => {
    expect(errorOf(raised)).toMatchObject({ name: 'HypervisorError', reason, call: 'virCall' });
  });

  it.each(['NO_DOMAIN', 'NO_STORAGE_POOL', 'NO_STORAGE_VOL', 'NO_INTERFACE', 'NO_DOMAIN_METADATA'] as const)(
    'of %s is not-found',
    (name) => {
      expect(errorOf({ code: VIR_ERR[name] })).toMatchObject({ reason: 'not-found' });
    },
  );

  it.each([
    ['virDomainDefineXMLFlags', 'already-exists'],
    ['virStoragePoolDefineXML', 'already-exists'],
    ['virStoragePoolCreateXML', 'already-exists'],
    ['virDomainCreate', 'other'],
  ])('of an operation that failed in %s is %s', (call, reason) => {
    expect(errorOf({ code: OPERATION_FAILED }, call)).toMatchObject({ reason, call });
  });
});

describe('an error', () => {
  it('has an errno where the system raised it, and nowhere else', () => {
    expect(errorOf({ code: SYSTEM_ERROR, int1: ENOSPC })).toMatchObject({ errno: ENOSPC, message: 'words' });
    expect(errorOf({ code: INTERNAL_ERROR, int1: ENOSPC })).toMatchObject({ errno: undefined });
  });

  it('without words is one all the same', () => {
    expect(errorOf({ code: INTERNAL_ERROR, message: null })).toMatchObject({
      message: 'no message',
      code: 1,
    });
  });

  it('that libvirt did not keep is without a reason', () => {
    expect(errorOf({ code: 0 })).toMatchObject({
      message: 'failed without a reason',
      reason: 'other',
      code: 0,
      domain: 0,
    });
  });
});
