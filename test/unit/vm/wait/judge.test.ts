import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { logLines } from '../../../../src/vm/console-log/lines.ts';
import { NO_FACTS, withLine } from '../../../../src/vm/wait/console-facts.ts';
import type { ConsoleFacts } from '../../../../src/vm/wait/console-facts.ts';
import type { Condition, Evidence, Expected } from '../../../../src/vm/wait/evidence.ts';
import { judge } from '../../../../src/vm/wait/judge.ts';
import { flawWords } from '../../../../src/vm/wait/words.ts';

const MAC = 'be:ef:0a:4d:00:64';
const EXPECTED: Expected = {
  address: '10.77.0.100',
  gateway: '10.77.0.1',
  macs: [MAC],
  hostKeys: ['ssh-ed25519 AAAA'],
  hasSeed: true,
  hasIgnition: false,
  hasAgent: false,
  triesNetwork: false,
};
const NO_AGES = { finished: 0, network: 0, login: 0, unheard: 0, idle: 0, neighbour: 0, stranger: 0 };

function told(text: string): ConsoleFacts {
  return logLines(text).lines.reduce((facts, line) => withLine(facts, line.text), NO_FACTS);
}

const recorded = (name: string): ConsoleFacts =>
  told(readFileSync(new URL(`../../../fixtures/consoles/${name}.log`, import.meta.url), 'utf8'));

function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    state: 'running',
    reason: undefined,
    hasStopped: false,
    hasRun: true,
    told: NO_FACTS,
    agent: undefined,
    seen: [],
    answer: undefined,
    isLocal: true,
    ages: NO_AGES,
    ...changes,
  };
}

const answer = (port22: 'ssh' | 'refused' | 'silent', neighbour?: string, hostKeys?: readonly string[]) =>
  evidence({ answer: { port22, neighbour, hostKeys } });

function verdict(given: Evidence, condition: Condition, expected = EXPECTED): string {
  const judged = judge(given, expected, condition);
  return `${judged.outcome} ${judged.step}${judged.outcome === 'failed' ? ` ${judged.flaw}` : ''}`;
}

describe('what was recorded of real guests', () => {
  it.each([
    ['good', 'cloud-init', 'met done'],
    ['good', 'address', 'met done'],
    ['good', 'ssh', 'waiting done'],
    ['failing', 'cloud-init', 'failed done cloud-init-errors'],
    ['failing', 'address', 'waiting done'],
    ['notyaml', 'cloud-init', 'failed done cloud-init-errors'],
    ['badnet', 'ssh', 'failed done network-refused'],
    ['sata', 'ssh', 'failed done no-seed'],
    ['sata', 'address', 'failed done no-seed'],
  ] as const)('%s, for %s: %s', (name, condition, judged) => {
    expect(verdict(evidence({ told: recorded(name) }), condition)).toBe(judged);
  });

  it.each([
    [
      'failing',
      'cloud-init-errors',
      "cloud-init is done in VM 'web', with errors\ncloud-init: write-files failed\n" +
        'cloud-init: scripts-user failed: /var/lib/cloud/instance/scripts/runcmd: 2: /nonexistent/program: not found',
    ],
    [
      'badnet',
      'network-refused',
      "the guest of VM 'web' did not bring its network up: /etc/netplan/50-cloud-init.yaml:10:13: " +
        "Error in network definition: address '10.77.0.105' is missing /prefixlength",
    ],
    ['sata', 'no-seed', "the guest of VM 'web' did not find its seed: cloud-init had no datasource"],
  ] as const)('%s is told so: %s', (name, flaw, message) => {
    expect(flawWords(flaw, 'web', evidence({ told: recorded(name) }), EXPECTED).message).toBe(message);
  });
});

describe('a VM by its state', () => {
  it.each([
    [{ state: 'shut off', hasRun: false }, 'running', 'waiting off'],
    [{ state: 'shut off', hasRun: false }, 'ssh', 'failed off not-running'],
    [{ state: 'shut off', hasRun: true }, 'running', 'failed off stopped'],
    [{ state: 'shut off', reason: 'crashed' }, 'ssh', 'failed off crashed'],
    [{ hasStopped: true }, 'address', 'failed running stopped'],
    [{ hasStopped: true }, 'stopped', 'met running'],
    [{ state: 'shut off' }, 'stopped', 'met off'],
    [{ state: 'crashed' }, 'stopped', 'failed off crashed'],
    [{ state: 'paused', reason: 'I/O error' }, 'stopped', 'failed running io-error'],
    [{ state: 'paused', reason: 'user' }, 'running', 'waiting running'],
    [{}, 'running', 'met running'],
  ] as const)('%j, for %s: %s', (changes, condition, judged) => {
    expect(verdict(evidence(changes), condition)).toBe(judged);
  });
});

describe('what the console says', () => {
  it.each([
    ['BdsDxe: No bootable option or device was found.', 'failed firmware nothing-to-boot'],
    ['\u001B[=3hUEFI Interactive Shell v2.2', 'failed firmware nothing-to-boot'],
    ['No bootable device.\r\nLinux version 6.1', 'waiting kernel'],
    ['Linux version 6.1\r\n[    1.0] Kernel panic - not syncing: VFS: Unable', 'failed kernel stuck'],
    ['Linux version 6.1\r\n(initramfs) ', 'failed kernel stuck'],
    ['Welcome to Debian GNU/Linux 12 (bookworm)!', 'waiting system'],
    ['ci-info: | eth0 | True | 10.77.0.100 | . | global | 02:00:00:00:00:01 |', 'waiting cloud-init'],
    ['', 'waiting running'],
  ])('%j: %s', (text, judged) => {
    expect(verdict(evidence({ told: told(text) }), 'ssh')).toBe(judged);
  });

  it('counts a silent firmware as one without a system only after a while', () => {
    const [early, late] = [9000, 10_000].map((idle) => evidence({ ages: { ...NO_AGES, idle } }));
    expect(early && verdict(early, 'ssh')).toBe('waiting running');
    expect(late && verdict(late, 'ssh')).toBe('failed running nothing-to-boot');
  });

  it('misses cloud-init in a system that lets people log in, where there is a seed for it', () => {
    const login = evidence({ told: told('web login: '), ages: { ...NO_AGES, login: 30_000 } });
    expect(verdict(login, 'address')).toBe('failed system no-seed');
    expect(verdict(login, 'address', { ...EXPECTED, hasSeed: false })).toBe('waiting system');
  });

  it('is not needed for ssh, but for cloud-init', () => {
    const blind = { ...answer('ssh', MAC, EXPECTED.hostKeys), told: undefined };
    expect(verdict(blind, 'ssh')).toBe('met ssh');
    expect(verdict(blind, 'cloud-init')).toBe('failed ssh no-console');
  });

  it.each([
    ['x'.repeat(1_000_000)],
    [`${' '.repeat(300)}| True | ${' '.repeat(300)}`],
    ['- '.repeat(100_000)],
    [`Cloud-init v. 1 finished at ${'. '.repeat(50_000)}`],
    [`ci-info: |${' '.repeat(100_000)}`],
    ['\u001B[2J\u001B]0;title\u0007\u202E\u0000'],
  ])('holds nobody up, whatever a guest writes', (text) => {
    const started = performance.now();
    expect(verdict(evidence({ told: told(text) }), 'ssh')).toMatch(/^waiting/u);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('keeps little of what a guest repeats for ever', () => {
    const line = '2026-01-02 03:04:05,678 - util.py[WARNING]: failed in a new way';
    const facts = told(Array.from({ length: 5000 }, (_, index) => `${line} ${index}`).join('\n'));
    expect(facts.complaints).toHaveLength(20);
  });

  it('cannot be told from what a guest invents', () => {
    const lie =
      'Cloud-init v. 1 finished at Thu, 01 Jan 1970 00:00:00 +0000. Datasource DataSourceNoCloud.  Up 1.00 seconds';
    expect(verdict(evidence({ told: told(lie) }), 'cloud-init')).toBe('met done');
  });
});

describe('who answers at the address', () => {
  it.each([
    ['ssh', MAC, EXPECTED.hostKeys, 'met ssh'],
    ['ssh', MAC, undefined, 'met ssh'],
    ['ssh', MAC, ['ssh-ed25519 BBBB'], 'waiting address'],
    ['ssh', '02:00:00:00:00:01', EXPECTED.hostKeys, 'failed running address-taken'],
    ['refused', '02:00:00:00:00:01', undefined, 'failed running address-taken'],
    ['silent', '02:00:00:00:00:01', undefined, 'waiting running'],
    ['refused', MAC, undefined, 'waiting address'],
    ['silent', MAC, undefined, 'waiting running'],
    ['silent', undefined, undefined, 'waiting running'],
  ] as const)('%s from %s with keys %j: %s', (port22, neighbour, hostKeys, judged) => {
    expect(verdict(answer(port22, neighbour, hostKeys), 'ssh')).toBe(judged);
  });

  it('has an address that was known before only once it answers, or the kernel has had time to forget', () => {
    const known = answer('silent', MAC);
    expect(verdict({ ...known, ages: { ...NO_AGES, neighbour: 60_000 } }, 'address')).toBe('met address');
    const seen = [
      {
        source: 'arp',
        interfaceName: undefined,
        mac: MAC,
        address: '10.77.0.100',
        prefixLength: 0,
        family: 'ipv4',
      },
    ] as const;
    expect(verdict(evidence({ seen }), 'address')).toBe('waiting running');
    expect(verdict({ ...answer('refused'), seen }, 'address')).toBe('met address');
    expect(verdict(evidence({ seen: [{ ...seen[0], source: 'agent' }] }), 'address')).toBe('met address');
  });

  it('is no proof of a stranger from a machine that is not the hypervisor', () => {
    const far = { ...answer('refused', '02:00:00:00:00:01'), isLocal: false };
    expect(verdict(far, 'ssh')).toBe('waiting running');
  });

  it('is a stranger who says nothing only after the kernel has had time to forget', () => {
    const silent = answer('silent', '02:00:00:00:00:01');
    expect(verdict({ ...silent, ages: { ...NO_AGES, stranger: 60_000 } }, 'ssh')).toBe(
      'failed running address-taken',
    );
  });

  it('has other host keys where it proved none, but perhaps not for good', () => {
    const given = answer('ssh', MAC, []);
    expect(verdict(given, 'ssh')).toBe('waiting address');
    expect(verdict({ ...given, told: recorded('notyaml') }, 'ssh')).toBe('waiting done');
    expect(verdict(answer('ssh', MAC), 'ssh')).toBe('met ssh');
  });

  it('has other host keys for good where cloud-init failed', () => {
    const given = { ...answer('ssh', MAC, ['ssh-ed25519 BBBB']), told: recorded('notyaml') };
    expect(verdict(given, 'ssh')).toBe('failed done cloud-init-errors');
  });
});

const agent = (isFinished: boolean, ...texts: readonly string[]): Evidence['agent'] => ({
  isFinished,
  complaints: texts.map((text) => ({ module: 'scripts_user', text, isError: true })),
});

describe('what the guest agent says of cloud-init', () => {
  const withAgent = { ...EXPECTED, hasAgent: true };

  it.each([
    ['done, with a console that says nothing', { agent: agent(true) }, 'met done'],
    ['done, without a console', { told: undefined, agent: agent(true) }, 'met done'],
    ['running, without a console', { told: undefined, agent: agent(false) }, 'waiting running'],
    ['nothing yet, without a console', { told: undefined }, 'waiting running'],
    [
      'nothing for long, without a console',
      { told: undefined, ages: { ...NO_AGES, unheard: 120_000 } },
      'failed running no-console',
    ],
    ['done with errors', { agent: agent(true, 'x') }, 'failed done cloud-init-errors'],
    [
      'done with errors, without a console',
      { told: undefined, agent: agent(true, 'x') },
      'failed done cloud-init-errors',
    ],
    ['errors, and more to do', { agent: agent(false, 'x') }, 'waiting running'],
    [
      'running, where the console has not seen it for long',
      { told: { ...NO_FACTS, cloudInit: false }, agent: agent(false), ages: { ...NO_AGES, login: 60_000 } },
      'waiting running',
    ],
  ])('%s', (_, changes, judged) => {
    expect(verdict(evidence(changes), 'cloud-init', withAgent)).toBe(judged);
  });

  it('is told where the console told no error', () => {
    const said = flawWords(
      'cloud-init-errors',
      'web',
      evidence({ agent: agent(true, "KeyError('x')") }),
      EXPECTED,
    );
    expect(said.message).toBe(
      "cloud-init is done in VM 'web', with errors\ncloud-init: scripts_user: KeyError('x')",
    );
  });
});

it('goes on waiting where the firmware tries a network, until it has tried the disk too', () => {
  const expected = { ...EXPECTED, triesNetwork: true };
  const idle = evidence({ ages: { ...NO_AGES, idle: 60_000 } });
  expect(judge(idle, expected, 'ssh').outcome).toBe('waiting');
  expect(judge(idle, EXPECTED, 'ssh').outcome).toBe('failed');
  const verdicts = ['No more network devices', 'No bootable device.'].map((line) =>
    verdict(evidence({ told: told(line) }), 'ssh', expected),
  );
  expect(verdicts).toStrictEqual(['waiting firmware', 'failed firmware nothing-to-boot']);
});
