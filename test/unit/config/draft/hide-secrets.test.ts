import { describe, expect, it } from 'vitest';
import { hideSecrets } from '../../../../src/config/draft/hide-secrets.ts';
import { holdsSecrets } from '../../../../src/text/secrets.ts';

describe('what looks like a secret', () => {
  it.each([
    'users: [{name: bob, lock_passwd: false, plain_text_passwd: hunter2}]',
    '- {name: bob, uid: 7, plain_text_passwd: hunter2}',
    '{"users":[{"plain_text_passwd":"hunter2"}]}',
    '"api_key": hunter2',
    'DB_PASSWORD=hunter2',
    'export TOKEN="hunter2"',
    'echo root:hunter2 | chpasswd',
    'curl https://u:hunter2@example.com/',
    'mysql --password hunter2',
    'private_key: abc',
  ])('%s', (text) => {
    expect(holdsSecrets(text)).toBe(true);
  });

  it.each([
    'lock_passwd: true',
    'ssh_pwauth: false',
    'systemctl restart nginx',
    'curl https://example.com/a:b',
    'package_update: true',
    'bypass the cache',
  ])('is not %s', (text) => {
    expect(holdsSecrets(text)).toBe(false);
  });

  it('is told of, and left out, in files and commands', () => {
    const section = {
      write_files: [
        { path: '/etc/a', content: 'DB_PASSWORD=hunter2' },
        { path: '/etc/b', content: 'x' },
      ],
      runcmd: ['echo root:hunter2 | chpasswd', ['touch', '/a']],
    };
    const hidden = hideSecrets({
      values: { cloud_init: section },
      defaults: {},
      remarks: [],
      rest: [],
      gains: [],
    });
    expect(JSON.stringify(hidden)).not.toContain('hunter2');
    expect(hidden.values.cloud_init).toMatchObject({
      write_files: [{ path: '/etc/b' }],
      runcmd: [['touch', '/a']],
    });
    expect(hidden.remarks).toHaveLength(2);
  });
});
