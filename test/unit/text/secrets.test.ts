import { describe, expect, it } from 'vitest';
import { withoutPassword, withoutSecrets } from '../../../src/text/secrets.ts';

describe('a text without passwords', () => {
  it.each([
    ['qemu+tcp://me:geheim@hv1/system', 'qemu+tcp://me:***@hv1/system'],
    ['qemu+tcp://me:ge:he@im@hv1:22/system', 'qemu+tcp://me:***@hv1:22/system'],
    ['qemu+tcp://me:ge/heim@hv1/system?a=b@c', 'qemu+tcp://me:***@hv1/system?a=b@c'],
    ['qemu+tcp://:geheim@hv1/', 'qemu+tcp://:***@hv1/'],
    ['qemu+ssh://root@hv1:22/system', 'qemu+ssh://root@hv1:22/system'],
    ['qemu+ssh://root@hv1/system?keyfile=/a:b@c', 'qemu+ssh://root@hv1/system?keyfile=/a:b@c'],
    ['qemu:///system', 'qemu:///system'],
    [
      "cannot connect to 'x://a:geheim@b' or 'y://c:geheim@d'",
      "cannot connect to 'x://a:***@b' or 'y://c:***@d'",
    ],
    ['qemu+ssh://hv1/system?password=hunter2', 'qemu+ssh://hv1/system?password=***'],
    ['qemu+ssh://hv1/system?no_tty=1&API_TOKEN=a/b#c', 'qemu+ssh://hv1/system?no_tty=1&API_TOKEN=***#c'],
    ['x://hv1/?secretword=a;sshkey=b&key=c', 'x://hv1/?secretword=***;sshkey=***&key=***'],
    [
      "cannot connect to 'x://b/?passphrase=a' and so on",
      "cannot connect to 'x://b/?passphrase=***' and so on",
    ],
    [
      'qemu+libssh2://hv1/system?keyfile=/k&known_hosts=/h',
      'qemu+libssh2://hv1/system?keyfile=/k&known_hosts=/h',
    ],
    ['qemu+tcp://me:geheim@hv1/system?token=t', 'qemu+tcp://me:***@hv1/system?token=***'],
    ['', ''],
  ])('of %j is %j', (text, shown) => {
    expect(withoutPassword(text)).toBe(shown);
  });
});

it.each([
  ['virDomainSetMetadata: refused [code 1, domain 10]', 'virDomainSetMetadata: refused [code 1, domain 10]'],
  ['-object secret,data=abc,id=x', '-object secret,data=***,id=x'],
  ['mypassword=hunter2, more', 'mypassword=***, more'],
  ['{"qom-type":"secret","data":"abc","id":"x"}', '{"qom-type":"secret","data":***,"id":"x"}'],
  ['{"password": "hunter2"}', '{"password": ***}'],
  ['Cannot write data: Broken pipe', 'Cannot write data: Broken pipe'],
  [
    'End of file while reading data: sh: 1: nc: not found: Input/output error',
    'End of file while reading data: sh: 1: nc: not found: Input/output error',
  ],
])('%s is told without secrets, and with all else', (text, told) => {
  expect(withoutSecrets(text)).toBe(told);
});
