import { describe, expect, it } from 'vitest';
import { ED25519, SECRET, cloudInit, fullMachine, minimalMachine } from '../../machines.ts';
import type { LocalFacts } from '../../../../src/hypervisor/local.ts';
import { contextWith, exported, whole } from './vms.ts';

const full = fullMachine();

/** A machine of which nothing can be told. */
const LOCAL: LocalFacts = {
  exists: async () => true,
  read: async () => undefined,
  look: async () => 'EACCES',
  names: async () => [],
  output: async () => undefined,
};

describe('a VM of plow that was changed since', () => {
  it('is exported as it is now, and that is told', async () => {
    const { text, checked } = await exported(
      contextWith(full, {
        edit: (xml) =>
          xml
            .replace('>4</vcpu>', '>8</vcpu>')
            .replace('unit="MiB">8192', 'unit="MiB">4096')
            .replace('bridge="br1"', 'bridge="br7"'),
      }),
      'my-vm',
    );
    expect(text).toContain(
      '# it was 4 when plow made the VM\nvcpus: 8\n# it was 8192 MiB when plow made the VM\nmemory_gib: 4\n',
    );
    expect(text).toContain('    # it was br1 when plow made the VM\n    bridge: br7\n');
    expect(checked.machine).toMatchObject({ vcpus: 8, memoryMib: 4096, interfaces: [{}, { bridge: 'br7' }] });
  });

  it.each([
    [
      'another',
      '<description>now</description>',
      "# description: it was 'made so' when plow made the VM\ndescription: now\n",
    ],
    ['none', '', "# description: it was 'made so' when plow made the VM"],
  ])('with %s description is told the old one', async (_, element, words) => {
    const made = fullMachine({ description: 'made\nso\n' });
    const edit = (xml: string): string => xml.replace(/<description>[^<]*<\/description>/u, element);
    expect((await exported(contextWith(made, { edit }), 'my-vm')).text).toContain(words);
    expect((await exported(contextWith(made), 'my-vm')).text).not.toContain('when plow made the VM');
  });

  it('whose base image is missing is exported with a word about it', async () => {
    const context = contextWith(full);
    context.hypervisor.missing = ['/images/base.qcow2'];
    const words =
      '  # image: /images/base.qcow2 is missing, without which neither this VM nor one made from this file can start\n';
    expect((await exported(context, 'my-vm')).text).toContain(`${words}  image: /images/base.qcow2\n`);
    const here = contextWith(full);
    here.hypervisor.local = LOCAL;
    here.hypervisor.findPlace = async () => 'missing';
    expect((await exported(here, 'my-vm')).text).toContain(words);
    here.hypervisor.findPlace = async () => 'hidden';
    expect((await exported(here, 'my-vm')).text).not.toContain('is missing');
  });

  it('on a snapshot keeps its image', async () => {
    const { text, checked } = await exported(
      contextWith(full, {
        edit: (xml) =>
          xml.replace('<source file="/images/base.qcow2"', '<source file="/images/my-vm/boot.qcow2"'),
      }),
      'my-vm',
    );
    expect(text).toContain(
      '  # the disk stands on /images/my-vm/boot.qcow2 now\n  image: /images/base.qcow2\n',
    );
    expect(whole(checked.machine)).toStrictEqual(whole(full));
  });

  it('without its seed is exported without what only the seed held', async () => {
    const context = contextWith(full);
    context.hypervisor.directories.get('/images/my-vm')?.delete('cloudinit.iso');
    const { text, checked } = await exported(context, 'my-vm');
    expect(text).toContain(
      '# the seed cannot be read (the file does not exist): keys, passwords and what else stands in it are missing\ncloud_init:\n  fqdn: my-vm.example.com\n',
    );
    expect(checked.machine?.provisioning?.sshKeys).toStrictEqual([]);
  });

  it('with a seed that is broken says so', async () => {
    const context = contextWith(full);
    context.hypervisor.contents.set('/images/my-vm/cloudinit.iso', Buffer.alloc(60_000));
    const { text } = await exported(context, 'my-vm');
    expect(text).toContain('# the seed cannot be read (not an ISO 9660 image): keys');
  });

  it('names what is unplugged', async () => {
    const { text } = await exported(
      contextWith(full, {
        edit: (xml) =>
          xml
            .replace(/<disk type="file" device="disk">(?:(?!<\/disk>)[\s\S])*vdc[\s\S]*?<\/disk>/u, '')
            .replace(/<interface (?:(?!<\/interface>)[\s\S])*br1[\s\S]*?<\/interface>/u, ''),
      }),
      'my-vm',
    );
    expect(text).toContain('# - vdc of 200 GiB, which plow made, is unplugged\n');
    expect(text).toContain(
      '# - the interface of 192.168.1.50 (be:ef:c0:a8:01:32), which plow made, is unplugged',
    );
  });
});

describe('secrets', () => {
  const withFile = {
    ...full,
    provisioning: cloudInit({
      rootPasswordHash: `$6$saltsalt$${SECRET}`,
      writeFiles: [
        { path: '/open', content: 'x', owner: 'root:root', permissions: '0644' },
        {
          path: '/key',
          content: '-----BEGIN OPENSSH PRIVATE KEY-----',
          owner: 'root:root',
          permissions: '0600',
        },
      ],
      runCommands: ['ls', `echo 'root:$6$ab$${SECRET}' | chpasswd -e`],
    }),
  };

  it('are written where they are asked for', async () => {
    const { text, checked, notes } = await exported(contextWith(withFile), 'my-vm');
    expect(text).toContain(SECRET);
    expect(whole(checked.machine)).toStrictEqual(whole(withFile));
    expect(notes).toBe(0);
  });

  it('are named and not written otherwise', async () => {
    const { text, checked } = await exported(contextWith(withFile), 'my-vm', { showSecrets: false });
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('BEGIN');
    expect(text.match(/# .*--show-secrets writes it/gu)).toStrictEqual([
      '# write_files: /key looks as if it held a secret; --show-secrets writes it',
      '# runcmd: command 2 looks as if it held a secret; --show-secrets writes it',
      '# root_password_hash: there is one in the seed; --show-secrets writes it',
    ]);
    expect(checked.machine?.provisioning).toMatchObject({
      writeFiles: [{ path: '/open' }],
      runCommands: ['ls'],
    });
  });
});

describe('a user-data document that says more than a VM file can', () => {
  const own = `#cloud-config\napt: {http_proxy: x}\n`;
  const original = minimalMachine({
    provisioning: cloudInit({ userData: own, sshKeys: [ED25519], sshPasswordAuth: undefined }),
  });

  it('goes into a file of its own, from which the same seed comes', async () => {
    const { text, beside, checked } = await exported(contextWith(original), 'my-vm', {
      folder: true,
      showSecrets: false,
    });
    expect(beside?.name).toBe('my-vm.user-data');
    expect(beside?.text).toMatch(/^#cloud-config\napt: .*\ndisable_root: false\nusers:/u);
    expect(text).toContain('cloud_init:\n  user_data: my-vm.user-data\n');
    expect(checked.machine?.provisioning?.userData).toBe(beside?.text);
  });

  it('is named where there can be no other file', async () => {
    const { text, beside, checked } = await exported(contextWith(original), 'my-vm');
    expect(beside).toBeUndefined();
    expect(text).toContain(
      '# - user-data has keys that plow does not write (-d writes the document into a file of its own):\n# -   apt',
    );
    expect(checked.machine?.provisioning?.sshKeys).toStrictEqual([ED25519]);
  });

  it('is not written where it holds a secret, unless that is asked for', async () => {
    const secret = { ...original, provisioning: cloudInit({ userData: `${own}password: hunter2\n` }) };
    const wish = { folder: true, showSecrets: false };
    const { text, beside } = await exported(contextWith(secret), 'my-vm', wish);
    expect(beside).toBeUndefined();
    expect(text).not.toContain('hunter2');
    expect(text).toContain(
      '(--show-secrets writes the document into a file of its own):\n# -   apt\n# -   password',
    );
    const open = await exported(contextWith(secret), 'my-vm', { ...wish, showSecrets: true });
    expect(open.beside?.text).toContain('hunter2');
  });

  it('may be a script', async () => {
    const script = {
      ...original,
      provisioning: cloudInit({
        userData: '#!/bin/sh\nls\n',
        sshPasswordAuth: undefined,
        sshHostKeys: false,
      }),
    };
    const { beside, checked } = await exported(contextWith(script), 'my-vm', { folder: true });
    expect(beside?.text).toBe('#!/bin/sh\nls\n');
    expect(whole(checked.machine)).toStrictEqual(whole(script));
  });
});
