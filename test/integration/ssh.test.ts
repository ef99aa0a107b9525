import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import type { Finished } from '../lab/lab.ts';
import { fetchSshd, homeForSsh, NO_HOME_FOR_SSH, serveSsh } from '../lab/sshd.ts';
import { run } from '../run.ts';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const ADDRESS = '10.77.0.50';

interface HostKeys {
  readonly ed25519_private: string;
  readonly ecdsa_private: string;
}

/** Those that the seed gives a guest. */
async function keysInSeed(): Promise<HostKeys> {
  const text = await host().sh(`isoinfo -R -i ${IMAGES}/web/cloudinit.iso -x /user-data`);
  return (parse(text) as { readonly ssh_keys: HostKeys }).ssh_keys;
}

/** Something that answers in place of the guest, and has these keys. @returns what ends it */
async function answering(keys: HostKeys): Promise<() => Promise<unknown>> {
  const { files } = host();
  const names = Object.entries(keys).filter(([name]) => name.endsWith('_private'));
  for (const [name, text] of names) await writeFile(join(files, name), text, { mode: 0o600 });
  const options = [
    ...names.map(([name]) => `HostKey=${files}/${name}`),
    `AuthorizedKeysFile=${files}/key.pub`,
    'Subsystem=sftp internal-sftp',
  ];
  await host().sh(`ip address add ${ADDRESS}/32 dev lo; ${serveSsh(ADDRESS, options)}`);
  return () =>
    host().sh(`kill $(cat /run/sshd.pid); while [ -e /run/sshd.pid ]; do sleep 0.05; done
      ip address delete ${ADDRESS}/32 dev lo`);
}

const ssh = (...words: readonly string[]): Promise<Finished> =>
  host().plow(['ssh', '-i', join(host().files, 'key'), ...words]);

const seeded = (cloudInit: object = {}): object =>
  vm({ cloud_init: { ssh_keys: [{ file: 'key.pub' }], ...cloudInit } });

async function prepared(): Promise<void> {
  await fetchSshd();
  await host().sh(homeForSsh());
  await host().sh(`rm -f ${host().files}/key*`);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(host().files, 'key')]);
}

const afterwards = (): Promise<string> => host().sh(NO_HOME_FOR_SSH);

describe('plow ssh', () => {
  it('trusts what has the keys of the VM, and nothing else, also when the VM is made anew', async () => {
    await prepared();
    await host().given(seeded());
    const first = await keysInSeed();
    let end = await answering(first);

    expect((await ssh('web', '--', '-oProxyCommand=true')).code).toBe(2);
    expect(await ssh('web', '--', 'echo', '$HOME;', 'exit', '3')).toEqual({
      code: 3,
      stdout: '/root\n',
      stderr: '',
    });
    await writeFile(join(host().files, 'note'), 'hello');
    const options = ['scp', '-q', '-i', join(host().files, 'key')];
    const { files } = host();
    const up = await host().plow([...options, `${files}/note`, `${files}/key.pub`, 'web:/run/sshd/']);
    expect(up).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await host().plow([...options, 'web:/run/sshd/note', `${files}/back`])).toMatchObject({ code: 0 });
    expect(await host().sh(`cat ${files}/back; ls /run/sshd`)).toBe('hellokey.pub\nnote');

    const config = await host().plow(['ssh-config']);
    expect(config).toMatchObject({ code: 0, stderr: '' });
    await writeFile(`${files}/config`, config.stdout);
    expect(await host().sh(`ssh -F ${files}/config -i ${files}/key web echo hi`)).toBe('hi');
    expect(await host().sh('find /root -type f; ls -d /tmp/plow-ssh-* 2> /dev/null || true')).toBe('');

    await end();
    expect(await host().plow(['destroy', '--force', 'web'])).toMatchObject({ code: 0 });
    await host().given(seeded());
    const second = await keysInSeed();
    expect(second).not.toEqual(first);
    end = await answering(first);
    const refused = await ssh('web', 'true');
    expect(refused.code).toBe(255);
    expect(refused.stderr).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
    expect(
      (await host().exec(['ssh', '-F', `${files}/config`, '-i', `${files}/key`, 'web', 'true'])).code,
    ).toBe(0);
    await end();
    end = await answering(second);
    expect(await ssh('web', 'true')).toEqual({ code: 0, stdout: '', stderr: '' });
    await end();
    expect(await ssh('web', 'true')).toMatchObject({ code: 255 });
    await host().discard('web');
    await afterwards();
  });

  it('goes by the known_hosts of the user where there are no keys of plow', async () => {
    await prepared();
    await host().given(seeded({ ssh_host_keys: false }));
    const end = await answering(await stranger());
    const refused = await ssh('web', 'true');
    expect(refused.code).toBe(255);
    expect(refused.stderr).toContain("note: plow does not know the host keys of VM 'web'");
    expect(refused.stderr).toContain('Host key verification failed');
    expect(await host().sh('find /root -type f')).toBe('');
    expect(await ssh('--accept-new-host-key', 'web', 'true')).toMatchObject({ code: 0 });
    const known = await host().sh('ssh-keygen -f /root/.ssh/known_hosts -F plow-$(virsh -q domuuid web)');
    expect(known).toContain('found');
    expect(await ssh('web', 'true')).toMatchObject({ code: 0 });
    await end();
    await host().discard('web');
    expect(await ssh('web')).toMatchObject({ code: 4 });
    await afterwards();
  });
});

/** Keys that plow did not make. */
async function stranger(): Promise<HostKeys> {
  const { files } = host();
  const made = async (type: string): Promise<string> => {
    const key = await host().sh(`ssh-keygen -q -t ${type} -N '' -f ${files}/${type} && cat ${files}/${type}`);
    return `${key}\n`;
  };
  return { ed25519_private: await made('ed25519'), ecdsa_private: await made('ecdsa') };
}
