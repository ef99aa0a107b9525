import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { HypervisorError } from '../../../src/errors/hypervisor-error.ts';
import { denialOf, explainBySsh, explainOpen, noAnswer } from '../../../src/libvirt/open-failure.ts';
import { sshTarget } from '../../../src/libvirt/ssh/target.ts';

const { EACCES, EIO, ENOENT } = constants.errno;
const JOIN = 'join the group libvirt (sudo usermod -aG libvirt $USER, then log in again)';
const THERE = 'as root there: usermod -aG libvirt bob, then log in again';

/** As libvirt 9.0 gave them. */
const RECORDED = {
  socket: failure(
    38,
    7,
    "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
    EACCES,
  ),
  noAgent: failure(
    94,
    60,
    "authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
  ),
  refused: failure(45, 60, 'authentication failed: access denied by policy'),
  closed: failure(79, 60, 'authentication cancelled: user cancelled authentication process'),
  helper: failure(
    38,
    7,
    "End of file while reading data: virt-ssh-helper: cannot connect to '/var/run/libvirt/libvirt-sock': Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied: Input/output error",
    EIO,
  ),
  key: failure(
    38,
    7,
    'Cannot recv data: bob@h1: Permission denied (publickey).: Connection reset by peer',
    EIO,
  ),
  absent: failure(
    38,
    7,
    "Failed to connect socket to '/run/libvirt/virtqemud-sock': No such file or directory",
    ENOENT,
  ),
} as const;

function failure(code: number, domain: number, message: string, errno?: number): HypervisorError {
  return new HypervisorError(message, { reason: 'other', call: 'virConnectOpen', code, domain, errno });
}

describe('an account that is not let in', () => {
  it.each(['socket', 'noAgent', 'refused', 'closed'] as const)('here may look, perhaps: %s', (name) => {
    const error = explainOpen('qemu:///system', RECORDED[name]);
    expect(error).toMatchObject({
      message: 'no permission to use libvirt at qemu:///system',
      hint: `${JOIN}, or use -c qemu:///session`,
    });
    expect(denialOf('qemu:///system', error)).toEqual({
      what: 'this account may do no more at qemu:///system',
      repair: JOIN,
    });
  });

  it.each(['helper', 'noAgent', 'refused', 'closed'] as const)(
    'over ssh has to be let in there, and ssh need not be asked: %s',
    async (name) => {
      const uri = 'qemu+ssh://bob@h1/system?command=/nosuch/ssh';
      const target = sshTarget(uri);
      if (target === undefined) throw new Error('it is over ssh');
      const error = await explainBySsh(uri, target, RECORDED[name]);
      expect(error).toMatchObject({ message: "'bob' may not use libvirt on h1", hint: THERE });
      expect(denialOf(uri, error)).toEqual({ what: "'bob' may do no more on h1", repair: THERE });
    },
  );

  it('by ssh itself may not even look', async () => {
    const uri = 'qemu+ssh://bob@h1/system';
    const error = await explainBySsh(uri, { user: 'bob', host: 'h1', port: undefined }, RECORDED.key);
    expect(error.message).toContain("does not let 'bob' in over ssh");
    expect(denialOf(uri, error)).toBeUndefined();
  });

  it('to a session, or for want of a daemon, has nothing to look at', () => {
    const ofSession = explainOpen('qemu:///session', RECORDED.socket);
    expect(denialOf('qemu:///session', ofSession)).toBeUndefined();
    const absent = explainOpen('qemu:///system', RECORDED.absent);
    expect(denialOf('qemu:///system', absent)).toBeUndefined();
    expect(denialOf('qemu:///system', new Error('a bug'))).toBeUndefined();
  });

  it.each([
    ["Failed to connect socket to '/run/user/1000/libvirt/libvirt-sock': No such file or directory", ENOENT],
    ['Cannot recv data: Connection reset by peer', constants.errno.ECONNRESET],
    ['Cannot write data: Broken pipe', constants.errno.EPIPE],
    ['End of file while reading data: Input/output error', EIO],
  ])('to a session whose daemon went away as it started is told that: %s', (words, errno) => {
    const error = failure(38, 7, words, errno);
    expect(explainOpen('qemu:///session', error).message).toBe(
      "cannot connect to qemu:///session: this user's libvirtd did not start",
    );
    expect(explainOpen('qemu:///system', error).message).not.toContain("this user's");
  });

  it.each(['qemu+tcp://h1/system', 'qemu://h1/system'])('at %s is told no group of this machine', (uri) => {
    const error = explainOpen(uri, failure(45, 7, 'authentication failed'));
    expect(error.hint).not.toMatch(/usermod|session/u);
  });
});

describe('the daemon of a hint', () => {
  it('is the one whose socket the error names', () => {
    expect(explainOpen('qemu:///system', RECORDED.absent)).toMatchObject({
      message: 'cannot connect to qemu:///system: virtqemud is not running',
      hint: 'start it: sudo systemctl start virtqemud.socket, or give another URI with --connect',
    });
  });

  it.each([
    ['qemu+unix:///system?socket=/x/virtqemud-sock', 'virtqemud accepts', 'systemctl restart virtqemud)'],
    ['qemu+unix:///system?socket=/x/libvirt-sock', 'libvirtd accepts', 'systemctl restart libvirtd)'],
    [
      'qemu+unix:///system?socket=/x/y',
      'libvirtd (or virtqemud) accepts',
      'restart libvirtd (or virtqemud))',
    ],
    ['qemu+tcp://h1/system', 'does that machine answer', 'libvirtd (or virtqemud) run there'],
    ['qemu://h1/system', 'does that machine answer', 'libvirtd (or virtqemud) run there'],
  ])('that does not answer at %s is the one there, as far as it is known', (uri, what, which) => {
    const { hint } = noAnswer(uri, 10_000);
    expect(hint).toContain(what);
    expect(hint).toContain(which);
  });

  it('may be a person who was asked', () => {
    const { message, hint } = noAnswer('qemu:///system', 120_000, true);
    expect(message).toBe('no answer from qemu:///system within 120 seconds');
    expect(hint).toMatch(/^a dialog that asks for a password was not answered, or (?:libvirtd|virtqemud)/u);
  });
});
