import { describe, expect, it } from 'vitest';
import { lastWords, sshCommand, sshFailure, sshTarget } from '../../../src/libvirt/ssh-failure.ts';

const URI = 'qemu+ssh://root@h1/system';
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
    ['qemu+libssh2://bob:secret@[2001:db8::1]:22/system', { user: 'bob', host: '2001:db8::1', port: '22' }],
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
    const failure = sshFailure(URI, said);
    expect(failure?.message).toContain(message);
    expect(failure?.message).not.toMatch(/[\r\n]|reset by peer|Input\/output/u);
    expect(failure?.hint).toContain(hint);
  });

  it('is told by the last words that are no banner, and by no control character', () => {
    expect(lastWords('a\r\n@@@@\r\n@ b @\r\n\u001B[31mred\r\n')).toBe('\uFFFD[31mred');
    expect(lastWords('')).toBe('');
  });

  it('is nothing where there is no ssh', () => {
    expect(sshFailure('qemu:///system', 'x')).toBeUndefined();
  });
});
