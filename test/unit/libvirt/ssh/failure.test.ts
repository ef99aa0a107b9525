import { describe, expect, it } from 'vitest';
import { explainSsh, knownSshFailure, lastWords } from '../../../../src/libvirt/ssh/failure.ts';
import type { SshFailure } from '../../../../src/libvirt/ssh/failure.ts';
import { quietSshCall, sshCommand, sshTarget } from '../../../../src/libvirt/ssh/target.ts';

const TARGET = { user: 'root', host: 'h1', port: undefined };

function failureOf(words: string): SshFailure {
  return knownSshFailure(TARGET, words) ?? explainSsh(TARGET, words, { kind: 'silent' });
}

const CHANGED = [
  '@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r',
  '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r',
  '@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r',
  'IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\r',
  'Host key verification failed.: Connection reset by peer',
].join('\n');

describe('where a URI over ssh leads', () => {
  it.each([
    ['qemu+ssh://root@h1/system', { user: 'root', host: 'h1', port: undefined }],
    [
      'qemu+ssh://h1.example.com:2222/session?keyfile=/k',
      { user: undefined, host: 'h1.example.com', port: '2222' },
    ],
    ['qemu+ssh://bob:secret@[2001:db8::1]:22/system', { user: 'bob', host: '2001:db8::1', port: '22' }],
    ['qemu+libssh2://bob@h1/system', undefined],
    ['qemu+tcp://h1/system', undefined],
    ['qemu:///system', undefined],
  ])('%s', (uri, target) => {
    expect(sshTarget(uri)).toEqual(target);
  });

  it('is a command that can be pasted', () => {
    const target = { user: "o'hara", host: 'h1', port: '2222' };
    expect(sshCommand(target, 'true')).toBe(String.raw`ssh -p 2222 'o'\''hara@h1' true`);
  });
});

describe('a connection over ssh that fails', () => {
  it.each([
    [
      'Host key verification failed.: Connection reset by peer',
      'ssh does not know the host key of h1',
      'ssh root@h1 true shows',
    ],
    [CHANGED, 'the host key of h1 is another one than ssh knows', 'ssh-keygen -R h1 forgets'],
    [
      'root@h1: Permission denied (publickey).: Connection reset by peer',
      "h1 does not let 'root' in over ssh",
      'ssh-copy-id root@h1',
    ],
    [
      'End of file while reading data: sh: 1: nc: not found: Input/output error',
      'h1 has no virt-ssh-helper',
      'apt install libvirt-daemon',
    ],
    [
      "End of file while reading data: virt-ssh-helper: cannot connect to '/var/run/libvirt/libvirt-sock': Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory: Input/output error",
      'libvirtd is not running on h1',
      'systemctl start libvirtd (or virtqemud.socket)',
    ],
    [
      "virt-ssh-helper: cannot connect to '/run/libvirt/virtqemud-sock': Failed to connect socket to '/run/libvirt/virtqemud-sock': Connection refused: Input/output error",
      'virtqemud is not running on h1',
      'systemctl start virtqemud.socket',
    ],
    [
      "virt-ssh-helper: cannot connect to '/var/run/libvirt/libvirt-sock': Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied: Input/output error",
      "'root' may not use libvirt on h1",
      'usermod -aG libvirt root',
    ],
    [
      'ssh: Could not resolve hostname h1: Name or service not known: Connection reset by peer',
      'cannot connect to h1 over ssh: ssh: Could not resolve hostname h1: Name or service not known',
      'ssh root@h1 true tells',
    ],
    [
      'ssh: connect to host h1 port 22: No route to host\r\n: Connection reset by peer',
      'cannot connect to h1 over ssh: ssh: connect to host h1 port 22: No route to host',
      'ssh root@h1 true tells',
    ],
  ])('%s', (said, message, hint) => {
    const failure = failureOf(said);
    expect(failure.message).toContain(message);
    expect(failure.message).not.toMatch(/[\r\n]|reset by peer|Input\/output/u);
    expect(failure.hint).toContain(hint);
  });

  it('is told by the last words that are no banner, and by no control character', () => {
    expect(lastWords('a\r\n@@@@\r\n@ b @\r\n\u001B[31mred\r\n')).toBe('\uFFFD[31mred');
    expect(lastWords('')).toBe('');
  });
});

describe('what ssh itself says when it is asked', () => {
  it.each([
    ['x', { kind: 'through', code: 0 }, 'cannot connect to libvirt on h1, though ssh comes through: x'],
    [
      'x',
      { kind: 'refused', words: 'b\nHost key verification failed.\r\n' },
      'ssh does not know the host key of h1',
    ],
    ['x', { kind: 'refused', words: 'b\nclosed\r\n' }, 'cannot connect to h1 over ssh: closed'],
    ['x', { kind: 'silent' }, 'cannot connect to h1 over ssh: x'],
    [undefined, { kind: 'through', code: 0 }, 'libvirt on h1 gives no answer, though ssh comes through'],
    [undefined, { kind: 'refused', words: 'timed out' }, 'cannot connect to h1 over ssh: timed out'],
    [undefined, { kind: 'silent' }, 'h1 gives no answer over ssh'],
  ] as const)('beside %j of libvirt, %j is', (words, asked, message) => {
    expect(explainSsh(TARGET, words, asked).message).toBe(message);
  });
});

describe('ssh is asked', () => {
  it.each([
    ['qemu+ssh://root@h1/system', 'ssh', '-l root -- h1 true'],
    [
      'qemu+ssh://h1:2222/system?keyfile=/a%20b&no_verify=1',
      'ssh',
      '-p 2222 -i /a b -o StrictHostKeyChecking=no -- h1 true',
    ],
    ['qemu+ssh://h1/system?command=', 'ssh', '-- h1 true'],
    ['qemu+ssh://h1/system?command=/opt/ssh&x=%E0%A4%A', '/opt/ssh', '-- h1 true'],
  ])('as libvirt calls it: %s', (uri, program, rest) => {
    const target = sshTarget(uri);
    if (target === undefined) throw new Error('it is over ssh');
    const call = quietSshCall(uri, target);
    const usual = '-n -T -o BatchMode=yes -o ConnectTimeout=3 ';
    expect([call.program, call.words.join(' ')]).toStrictEqual([program, usual + rest]);
  });
});
