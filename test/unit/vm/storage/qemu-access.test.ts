import { describe, expect, it } from 'vitest';
import { describePermissions, qemuAccess } from '../../../../src/vm/storage/qemu-access.ts';

const USER = { uid: 64_055, gid: 64_055 };

describe('the access of QEMU', () => {
  it.each([
    ['its own file', 0o400, USER.uid, 0, 'yes'],
    ['its own file without the bit', 0o044, USER.uid, 0, 'no'],
    ["its group's file", 0o040, 0, USER.gid, 'yes'],
    ["its group's file without the bit", 0o404, 0, USER.gid, 'no'],
    ['a file for all', 0o004, 0, 0, 'yes'],
    ['a file for nobody else', 0o600, 0, 0, 'no'],
    ['a file whose group, or ACL, may be its own', 0o640, 0, 0, 'maybe'],
  ] as const)('to read %s', (_, mode, owner, group, access) => {
    expect(qemuAccess(USER, { mode, owner, group }, 'read')).toBe(access);
  });

  it.each([
    [0o711, 'yes'],
    [0o700, 'no'],
    [0o710, 'maybe'],
    [0o766, 'no'],
  ] as const)('through a directory of mode %o', (mode, access) => {
    // Without an x for the group, no ACL grants it either.
    expect(qemuAccess(USER, { mode, owner: 0, group: 0 }, 'search')).toBe(access);
  });

  it('is unlimited for root', () => {
    expect(qemuAccess({ uid: 0, gid: 0 }, { mode: 0, owner: 1, group: 1 }, 'read')).toBe('yes');
  });

  it('is told with what decides it', () => {
    expect(describePermissions({ mode: 0o40, owner: 1, group: 2 })).toBe('mode 0040, owner 1, group 2');
  });
});
