import { expect, it } from 'vitest';
import { checkText } from '../../../../src/config/vm-file/check.ts';

const VM = `name: web
vcpus: 1
memory_gib: 1
boot_disk: { image: /images/base.qcow2, size_gb: 10 }
network_interfaces: [{ ip: 10.0.0.2/24, gateway: 10.0.0.1, bridge: br0 }]
`;

function check(vnc: string, texts: Readonly<Record<string, string>> = {}) {
  const given = new Map(Object.entries(texts));
  return checkText('vm.yaml', `${VM}vnc: ${vnc}\n`, { virtType: undefined }, given);
}

function said(vnc: string, texts?: Readonly<Record<string, string>>): readonly string[] {
  return check(vnc, texts).diagnostics.map(({ key, text, spot }) => `${spot?.column} ${key}: ${text}`);
}

const PLAIN = { listen: undefined, port: undefined, login: undefined, video: 'virtio' };

it.each([
  ['true', PLAIN],
  ['false', undefined],
  ['{}', PLAIN],
  ['{ listen: none }', { ...PLAIN, listen: 'none' }],
  ['{ listen: socket, video: vga }', { ...PLAIN, listen: 'socket', video: 'vga' }],
  [
    '{ listen: 127.0.0.2, one_time_password: true }',
    { ...PLAIN, listen: '127.0.0.2', login: { by: 'one-time' } },
  ],
])('vnc: %s is a screen', (text, vnc) => {
  const { machine, diagnostics } = check(text);
  expect([machine?.vnc, diagnostics]).toStrictEqual([vnc, []]);
});

it('takes a password from a file, and warns of a screen that others reach', () => {
  const { machine, diagnostics } = check('{ listen: 0.0.0.0, password_file: pw }', { pw: 'abcd efg\n' });
  expect(machine?.vnc?.login).toStrictEqual({ by: 'password', password: 'abcd efg' });
  expect(diagnostics).toMatchObject([
    {
      severity: 'warning',
      key: 'vnc.listen',
      text: expect.stringMatching(/^other machines reach 0\.0\.0\.0: VNC /u),
    },
  ]);
});

it.each([
  ['{ listen: 127.0.0.1 }', 'listen', '127.0.0.1'],
  ['{ listen: 127.0.0.2, port: 5901 }', 'listen', '127.0.0.2'],
  ['{ port: 5901 }', 'port', '127.0.0.1'],
])('warns of vnc: %s, which every user of the hypervisor reaches', (text, key, address) => {
  const { machine, diagnostics } = check(text);
  expect(machine?.vnc?.login).toBeUndefined();
  expect(diagnostics).toMatchObject([
    {
      severity: 'warning',
      text: `every user of the hypervisor reaches ${address}, and sees the screen and types without a password: listen: socket or a password_file keeps them out`,
    },
  ]);
  expect(said(text)[0]).toMatch(new RegExp(`^\\d+ vnc\\.${key}: `, 'u'));
});

it.each([
  [
    '{ listen: localhost }',
    '16 vnc.listen: must be none, socket or an IPv4 address of the hypervisor such as 127.0.0.1, got "localhost"; did you mean 127.0.0.1?',
  ],
  ['{ listen: noen }', expect.stringMatching(/^16 vnc\.listen: .*; did you mean none\?$/u)],
  [
    '{ listen: 10.0.0.1 }',
    '16 vnc.listen: whoever reaches 10.0.0.1 would see the screen and type: give it a password_file or one_time_password: true, or listen at 127.0.0.1',
  ],
  ['{ listen: socket, port: 5901 }', '30 vnc.port: with listen: socket there is no port'],
  ['{ port: 80 }', '14 vnc.port: must be at least 5900, got 80'],
  ['{ prot: 5901 }', "8 vnc.prot: unknown key; did you mean 'port'?"],
  ['{ video: vag }', '15 vnc.video: must be virtio or vga, got "vag"; did you mean vga?'],
  ['on', '6 vnc: expected true or false, found the text "on"; did you mean true?'],
])('says of vnc: %s what is wrong, and where', (text, words) => {
  expect(said(text)).toStrictEqual([words]);
});

it.each([
  ['', 'is empty: a password is 1 to 8 characters'],
  ['canary123\n', 'holds 9 characters: a password of VNC has at most 8'],
  ['canary\nx\n', 'is not a line of plain ASCII characters, as a password of VNC is'],
])('says of a file with %j in it what is wrong, and not what is in it', (password, words) => {
  const all = said('{ password_file: pw }', { pw: password });
  expect(all).toStrictEqual([`23 vnc.password_file: "pw" ${words}`]);
});

it.each([
  ['one_time_password: true', 'one_time_password'],
  ['password_file: pw', 'password_file'],
])('warns of listen: none with %s', (words, key) => {
  const { diagnostics } = check(`{ listen: none, ${words} }`, { pw: 'abc' });
  expect(diagnostics).toMatchObject([
    {
      severity: 'warning',
      key: `vnc.${key}`,
      text: 'with listen: none there is no socket to ask for a password at: plow vnc comes over libvirt, and asks for none',
    },
  ]);
});

it('wants one kind of password', () => {
  expect(said('{ password_file: pw, one_time_password: true }', { pw: 'abc' })).toStrictEqual([
    '46 vnc.one_time_password: password_file says who gets in; keep one of them',
  ]);
});
