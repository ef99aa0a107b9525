import { describe, expect, it } from 'vitest';
import { judge, whyNotHere } from '../../../src/this-machine/server.ts';

const OWN = { name: 'node', root: '27', network: '4026531874' };
const SERVER = { name: 'libvirtd', root: '27', network: '4026531874' };

describe('the machine of a server', () => {
  it.each([
    'libvirtd',
    'virtqemud',
    'virtproxyd',
    '.libvirtd-wrapp',
    // systemd listens for the daemon; there is one of each user besides that of the system.
    'systemd',
    'init',
  ])('is this one where %s sees the same files and network', (name) => {
    for (const mayLook of [true, false])
      expect(judge({ pid: 28, server: { ...SERVER, name } }, OWN, mayLook)).toBeUndefined();
  });

  it('is this one whatever the first process of all is called', () => {
    expect(judge({ pid: 1, server: { ...SERVER, name: 'runit' } }, OWN, true)).toBeUndefined();
  });

  it.each([
    ['hidden', { pid: 0, server: undefined }],
    ['other-files', { pid: 28, server: { ...SERVER, root: '81' } }],
    ['other-files', { pid: 28, server: { ...SERVER, root: '' } }],
    ['other-files', { pid: 1, server: { ...SERVER, name: 'systemd', root: '81' } }],
    ['other-network', { pid: 28, server: { ...SERVER, network: '4026532332' } }],
    ['relay', { pid: 28, server: { ...SERVER, name: 'socat' } }],
    ['relay', { pid: 28, server: { ...SERVER, name: 'systemd-socket-' } }],
  ] as const)('is another one, %s', (why, server) => {
    for (const mayLook of [true, false]) expect(judge(server, OWN, mayLook)).toBe(why);
  });

  it('is in doubt another one for root, who can look at every process', () => {
    expect(judge({ pid: 28, server: undefined }, OWN, true)).toBe('untold');
  });

  it('is this one for a user from whom the processes of others are hidden', () => {
    expect(judge({ pid: 28, server: undefined }, OWN, false)).toBeUndefined();
  });

  it('is another one where no directory of ours is the root of anything', () => {
    expect(judge({ pid: 28, server: { ...SERVER, root: '' } }, { ...OWN, root: '' }, true)).toBe(
      'other-files',
    );
  });

  it('is in doubt another one where no server is found', () => {
    expect(whyNotHere([])).toBe('untold');
  });

  it('is another one where one of several servers is elsewhere', () => {
    expect(whyNotHere([{ pid: process.pid }])).toBe('relay');
    expect(whyNotHere([{ pid: 0 }, { pid: process.pid }])).toBe('hidden');
    // No process has such a number.
    expect(whyNotHere([{ pid: 2 ** 30 }])).toBe(process.geteuid?.() === 0 ? 'untold' : undefined);
  });
});
