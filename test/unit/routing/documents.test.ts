import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkNetworkFile } from '../../../src/config/network-file/check.ts';
import { birdLines } from '../../../src/routing/bird.ts';
import { hookScript } from '../../../src/routing/hook.ts';
import { DEFAULT_UPLINKS, tapRules } from '../../../src/routing/nft.ts';
import { HASH_LINE, isOwn, OWN_MARK, withoutMark } from '../../../src/routing/own.ts';
import { prefixesText } from '../../../src/routing/prefixes.ts';
import { removeScript } from '../../../src/routing/remove-script.ts';
import { setupScript } from '../../../src/routing/setup-script.ts';
import { sysctlConf } from '../../../src/routing/sysctl.ts';
import { run } from '../../run.ts';

const FULL = `prefixes: [10.55.0.0/16, 192.0.2.7/32]
bgp:
  local_as: 65001
  address: 10.78.0.11
  neighbors:
    - { address: 10.78.0.1, as: 65000, password_file: /etc/plow/session }
    - { address: 10.9.9.9, as: 4200000000, multihop: 2 }
    - { address: 10.78.0.2, as: 65001 }
isolate: true
`;
const network = checkNetworkFile('network.yaml', FULL);

const scripts = [
  ['hook', hookScript()],
  ['setup', setupScript({ network, text: FULL, isDryRun: false })],
  [
    'setup without bgp',
    setupScript({ network: { ...network, bgp: undefined }, text: undefined, isDryRun: true }),
  ],
  ['remove', removeScript({ isDryRun: false, isForced: false })],
] as const;

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'plow-routing-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** bird.conf with a password in place of the line that the script makes. */
function birdConf(password: string): string {
  const bgp = network.bgp ?? { localAs: 0, address: '', neighbors: [] };
  const lines = birdLines(network, bgp);
  return `${lines.map((line) => (typeof line === 'string' ? line : `  password "${password}";`)).join('\n')}\n`;
}

/** What the administrator may have around it. */
const ADMINS = `log stderr all;
router id 10.78.0.11;
protocol device { scan time 60; }
protocol direct { interface "vm????????"; ipv4; }
protocol kernel { learn; ipv4 { import all; export none; }; }
protocol bgp upstream { local as 65009; neighbor 192.168.254.1 as 65001; multihop; ipv4 { import none; export all; }; }
include "bird-of-plow.conf";
`;

describe('the scripts', () => {
  it.each(scripts)('%s is sh, by dash and by shellcheck', async (_, script) => {
    await inFolder(async (folder) => {
      const file = join(folder, 'script');
      await writeFile(file, script);
      expect(await run('dash', ['-n', file])).toBe('');
      // SC2015: what stands behind || ends the script in all places.
      expect(await run('shellcheck', ['-s', 'sh', '-e', 'SC2015,SC2317', file])).toBe('');
    });
  });

  it.each(scripts)('%s does nothing where its end is missing', async (name, script) => {
    if (name === 'hook') return;
    const cut = script.slice(0, script.trimEnd().lastIndexOf('\n'));
    expect(await run('sh', [], cut)).toBe('');
  });

  it('take no end of theirs from a network file', async () => {
    const text = `${FULL}# x\nEND_OF_PLOW\nEND_OF_PLOW_\n`;
    const script = setupScript({ network, text, isDryRun: false });
    expect(script).toContain("<< 'END_OF_PLOW__'");
  });
});

describe('the files', () => {
  it.each([
    ['hook', hookScript()],
    ['sysctl', sysctlConf()],
    ['rules', tapRules('none')],
    ['prefixes', prefixesText(network.prefixes)],
    ['bird.conf', birdConf('x')],
  ])('say that they are plow’s: %s', (_, text) => {
    expect(isOwn(text)).toBe(true);
    expect(isOwn(text.replace(OWN_MARK, '# mine'))).toBe(false);
  });

  it('are not plow’s because they speak of it', () => {
    expect(isOwn(`#!/bin/sh\n# mine\n${OWN_MARK}\n`)).toBe(false);
    expect(withoutMark(`${OWN_MARK}\nprefixes: []\n`)).toBe('prefixes: []\n');
    expect(withoutMark(`${OWN_MARK}\n${HASH_LINE}00\nprefixes: []\n`)).toBe('prefixes: []\n');
  });

  it('have rules for isolation only where they are asked for', () => {
    expect(tapRules('none')).not.toContain('oifname');
    expect(tapRules('default-route')).toContain(`uplinks = { ${DEFAULT_UPLINKS} }`);
    expect(tapRules(['eth0', 'eth1'])).toContain('iifname @taps oifname @taps drop');
  });
});

describe('bird.conf', () => {
  it('is what BIRD takes beside what an administrator has', async () => {
    await inFolder(async (folder) => {
      await writeFile(join(folder, 'bird.conf'), ADMINS);
      await writeFile(join(folder, 'bird-of-plow.conf'), birdConf('geheim! #1; }'));
      expect(await run('bird', ['-p', '-c', join(folder, 'bird.conf')])).toBe('');
      await writeFile(join(folder, 'bird-of-plow.conf'), birdConf('x').replace('hold time 9', 'hold tim 9'));
      await expect(run('bird', ['-p', '-c', join(folder, 'bird.conf')])).rejects.toThrow(
        'bird-of-plow.conf:15',
      );
    });
  });

  it('announces nothing but single addresses of the prefixes', () => {
    expect(birdConf('x')).toContain('import where net ~ [ 10.55.0.0/16{32,32}, 192.0.2.7/32{32,32} ];');
  });
});
