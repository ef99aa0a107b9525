import { describe, expect, it } from 'vitest';
import type { Provisioning } from '../../../../src/config/machine.ts';
import { inspectConfig } from '../../../../src/vm/image/check-config.ts';
import { cloudInit, minimalMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import { inspectionOf } from '../inspection.ts';

const KIB = 1024;

function said(changes: Partial<Provisioning>, storagePath = '/images') {
  const provisioning = cloudInit({ section: 'provisioning', format: 'ignition', ...changes });
  const told = { diagnostics: [], notChecked: [] };
  const notes: string[] = [];
  const inspection = inspectionOf({ ...testContext(), storagePath }, told);
  const ofPath = inspectConfig(minimalMachine({ provisioning }), {
    ...inspection,
    doubt: (path, text) => notes.push(`${path.join('.')}: ${text}`),
  });
  return { mistakes: told.diagnostics as readonly string[], notes, ofPath };
}

/** A config of the user's own, so long. */
function own(bytes: number, changes: Partial<Provisioning> = {}): Partial<Provisioning> {
  const config = '{"ignition":{"version":"3.0.0"}}'.padEnd(bytes);
  const alone = { sshPasswordAuth: undefined, sshHostKeys: false } as const;
  return {
    ...alone,
    ...changes,
    ignition: { network: undefined, fwCfgName: 'opt/com.coreos/config', config },
  };
}

/** Which no packing makes much shorter: the digits of a generator of Lehmer's. */
function noise(characters: number, seed: number): string {
  let state = seed + 1;
  const next = (): string => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCodePoint(33 + (state % 90));
  };
  return Array.from({ length: characters }, next).join('');
}

describe('an Ignition config', () => {
  it('of a usual size is found good', () => {
    expect(said({})).toStrictEqual({ mistakes: [], notes: [], ofPath: [] });
    expect(said(own(127 * KIB))).toStrictEqual({ mistakes: [], notes: [], ofPath: [] });
  });

  it('of 128 KiB is a doubt, and of more than 512 KiB a mistake, at the file that makes it so', () => {
    expect(said(own(128 * KIB)).notes[0]).toMatch(
      /^provisioning\.ignition\.config: the Ignition config has 128 KiB, which the guest reads slowly/u,
    );
    expect(said(own(512 * KIB)).mistakes).toStrictEqual([]);
    const { mistakes, notes } = said(own(512 * KIB + 1));
    expect(mistakes).toStrictEqual([
      'provisioning.ignition.config: the Ignition config has 513 KiB, and firmware hands on 512 KiB in a time that can be waited for: put what is large behind a URL that a config of your own names (ignition.config)',
    ]);
    expect(notes).toStrictEqual([]);
  });

  it('may be too large by its files alone', () => {
    const content = Array.from({ length: 40 }, (_, index) => noise(20 * KIB, index));
    const writeFiles = content.map((text, index) => ({
      path: `/f${index}`,
      content: text,
      owner: 'root:root',
      permissions: '0644',
    }));
    expect(said({ writeFiles }).mistakes[0]).toMatch(
      /^provisioning: the Ignition config has \d{3} KiB, and/u,
    );
  });

  it('that has the last word on what plow writes says on what', () => {
    const config = JSON.stringify({
      ignition: { version: '3.0.0' },
      storage: { files: [{ path: '/etc/hostname' }, { path: '/mine' }], links: [{ path: '/etc/localtime' }] },
      systemd: { units: [{ name: 'plow-runcmd.service' }] },
    });
    const ignition = { network: undefined, fwCfgName: 'opt/com.coreos/config', config };
    expect(said({ ignition, timezone: 'UTC', runCommands: ['a'] }).notes).toStrictEqual([
      'provisioning.ignition.config: it has the last word on what plow writes too: "/etc/hostname", "/etc/localtime", "plow-runcmd.service"',
    ]);
  });

  it('cannot be handed on from a path with a comma', () => {
    expect(said({}, '/srv/a,b').ofPath).toStrictEqual([
      'the storage path /srv/a,b has a comma, which libvirt does not tell from the end of a name when it hands the Ignition config on: give another with --storage-path',
    ]);
    expect(said({ format: 'cloud-init' }, '/srv/a,b').ofPath).toStrictEqual([]);
  });
});
