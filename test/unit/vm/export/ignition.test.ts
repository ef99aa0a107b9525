import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { checkText } from '../../../../src/config/vm-file/check.ts';
import type { Machine } from '../../../../src/config/machine.ts';
import { ignitionConfig } from '../../../../src/provision/ignition/config.ts';
import { config } from '../../../faults/fuzz/configs.ts';
import { cloudInit, ED25519, minimalMachine } from '../../machines.ts';
import { validated } from '../../provision/ignition/judges.ts';
import { contextWith, exported, whole } from './vms.ts';

/** What an odd file says by cloud-init, said by Ignition as far as that has the words. */
const machine = fc
  .tuple(config, fc.constantFrom(undefined, 'networkd'), fc.constantFrom(undefined, 'root'))
  .map(([{ cloud_init: seed, ...content }, network, autologin]) => {
    const {
      packages: _,
      bus: __,
      write_files: files = [],
      ...guest
    } = (seed ?? {}) as {
      readonly packages?: unknown;
      readonly bus?: unknown;
      readonly write_files?: readonly { readonly permissions?: string }[];
    };
    const write_files = files.map((file) => ({
      ...file,
      permissions: `0${file.permissions?.slice(-3) ?? '644'}`,
    }));
    const provisioning = { format: 'ignition', ...guest, write_files, network, console_autologin: autologin };
    const text = stringify(JSON.parse(JSON.stringify({ ...content, provisioning })));
    return checkText('vm.yaml', text, { virtType: undefined }).machine;
  })
  .filter((one): one is Machine => one !== undefined);

const guest = cloudInit({ section: 'provisioning', format: 'ignition', sshKeys: [ED25519] });
const web = minimalMachine({ name: 'web', provisioning: { ...guest, hostname: 'web' } });

describe('a VM whose guest reads Ignition', () => {
  it('is exported as it was, whatever it is, and Ignition takes its config', async () => {
    await fc.assert(
      fc.asyncProperty(machine, async (original) => {
        const file = await exported(contextWith(original), original.name);
        expect(whole(file.checked.machine)).toStrictEqual(whole(original));
        expect(file.notes).toBe(0);
        expect(validated(ignitionConfig(original, original.provisioning ?? guest))).toBe('');
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it.each(['merged', 'alone'])('keeps a config of the user that is %s, in a file of its own', async (how) => {
    const own = '{"ignition": {"version": "3.4.0"}}';
    const alone = { ...guest, sshKeys: [], sshPasswordAuth: undefined, sshHostKeys: false };
    const base = how === 'alone' ? alone : { ...guest, sshPasswordAuth: undefined };
    const provisioning = { ...base, hostname: 'web', ignition: { ...guest.ignition, config: own } };
    const original = { ...web, provisioning };
    const file = await exported(contextWith(original), 'web', { folder: true });
    expect(file.beside).toStrictEqual({ name: 'web.ign', text: own });
    expect(whole(file.checked.machine)).toStrictEqual(whole(original));
    const bare = await exported(contextWith(original), 'web');
    expect(bare.text).toContain('# - the guest has an Ignition config of its own (-d writes it');
  });

  it('hides what may be a secret', async () => {
    const secret = { ...web, provisioning: { ...guest, rootPasswordHash: '$6$salt$canary' } };
    const { text } = await exported(contextWith(secret), 'web', { showSecrets: false });
    expect(text).not.toContain('canary');
    expect(text).toContain('root_password_hash: there is one in the config');
  });

  it('says so where its config is gone', async () => {
    const context = contextWith(web);
    for (const files of context.hypervisor.directories.values()) files.delete('config.ign');
    const { text } = await exported(context, 'web');
    expect(text).toContain('the Ignition config cannot be read (the file does not exist)');
    expect(text).toContain('format: ignition');
  });

  it('goes by its login user', async () => {
    const root = { ...web, provisioning: { ...guest, hostname: 'web', loginUser: 'root' } };
    const file = await exported(contextWith(root), 'web');
    expect(whole(file.checked.machine)).toStrictEqual(whole(root));
  });
});
