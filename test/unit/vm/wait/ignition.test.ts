import { describe, expect, it } from 'vitest';
import { NO_FACTS, withLine } from '../../../../src/vm/wait/console-facts.ts';
import type { ConsoleFacts } from '../../../../src/vm/wait/console-facts.ts';
import type { Condition, Evidence, Expected } from '../../../../src/vm/wait/evidence.ts';
import { expectedOf } from '../../../../src/vm/wait/expected.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { judge } from '../../../../src/vm/wait/judge.ts';
import { flawWords } from '../../../../src/vm/wait/words.ts';
import { cloudInit, minimalMachine } from '../../machines.ts';
import { ownDocument } from '../shown.ts';

function told(lines: readonly string[]): ConsoleFacts {
  return lines.reduce(withLine, NO_FACTS);
}

const WHY = 'failed to create users/groups: failed to configure users: no such user';
const ITSELF = `[   12.3] ignition[512]: CRITICAL : Ignition failed: ${WHY}`;
const STAGE = '[FAILED] Failed to start ignition-files.service - Ignition (files).';

it.each([
  [[ITSELF], WHY],
  [[`Ignition failed: ${WHY}`], WHY],
  [[STAGE], 'its stage files'],
  [['[FAILED] Failed to start Ignition (fetch-offline).'], 'its stage fetch-offline'],
  [[STAGE, ITSELF], WHY],
  [[ITSELF, STAGE], WHY],
  [['[  OK  ] Finished ignition-files.service - Ignition (files).'], undefined],
  [['Failed to start Emergency Shell.'], undefined],
])('of %j the reason is %j', (lines, why) => {
  expect(told(lines).ignition).toBe(why);
});

it('is told from a guest that waits for a person for another reason', () => {
  expect(told(['You are in emergency mode.'])).toMatchObject({
    ignition: undefined,
    stuck: 'You are in emergency mode.',
  });
});

describe('a line of a hostile guest', () => {
  it('is cut where it is long', () => {
    const why = told([`Ignition failed: ${'x'.repeat(100_000)}`]).ignition ?? '';
    expect(why).toMatch(/^x{300}$/u);
  });

  it('that is of many parts takes no time', () => {
    const before = performance.now();
    for (const part of ['Ignition failed: ', 'Failed to start ignition-', '- Ignition (', 'ignition-a - '])
      told([part.repeat(200_000)]);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it.each([
    'Ignition failed:',
    'Ignition failed: ',
    'my-Ignition failed',
    'a job said: Ignition failed: car 7 does not start',
    'PreIgnition failed: no',
    'Failed to start Ignition (', // no end
    'Failed to start Ignition (a b; rm -rf /).',
    `Failed to start ignition-${'x'.repeat(80)} - Ignition (files)`,
  ])('says nothing with %j', (line) => {
    expect(told([line]).ignition).toBeUndefined();
  });

  it('shows no hash that it has, and names one line', () => {
    const line = `Ignition failed: parsing "$6$saltsalt$${'abcdefgh./'.repeat(9)}": no`;
    const { message } = flawWords('ignition-failed', 'web', evidence([line]), expected('ignition'));
    expect(message).not.toContain('$6$saltsalt');
    expect(message.split('\n')).toHaveLength(1);
  });
});

function evidence(lines: readonly string[]): Evidence {
  const ages = { finished: 0, network: 0, login: 0, unheard: 0, idle: 0, neighbour: 0, stranger: 0 };
  return {
    state: 'running',
    reason: undefined,
    hasStopped: false,
    hasRun: true,
    told: told(lines),
    agent: undefined,
    seen: [],
    answer: undefined,
    isLocal: true,
    ages,
  };
}

function expected(format: 'cloud-init' | 'ignition' | 'none'): Expected {
  const provisioning = format === 'none' ? undefined : cloudInit({ format });
  return expectedOf(parseXml(ownDocument('ready', minimalMachine({ provisioning }))));
}

function verdict(lines: readonly string[], format: Parameters<typeof expected>[0], condition: Condition) {
  const judged = judge(evidence(lines), expected(format), condition);
  return judged.outcome === 'failed' ? judged.flaw : judged.outcome;
}

describe('the verdict', () => {
  it.each([
    ['ignition', [ITSELF], 'ssh', 'ignition-failed'],
    ['ignition', [ITSELF], 'running', 'met'],
    ['none', [ITSELF], 'address', 'ignition-failed'],
    ['ignition', [STAGE], 'ssh', 'waiting'],
    ['ignition', [STAGE, 'You are in emergency mode.'], 'ssh', 'ignition-failed'],
    // A program of the guest that has such words.
    ['cloud-init', [ITSELF], 'ssh', 'waiting'],
    ['cloud-init', [ITSELF, 'You are in emergency mode.'], 'ssh', 'stuck'],
    ['ignition', ['web login: ', ITSELF], 'ssh', 'waiting'],
    ['ignition', [], 'cloud-init', 'no-cloud-init'],
    ['none', [], 'cloud-init', 'waiting'],
  ] as const)('of %s that says %j, while %s is awaited, is %s', (format, lines, condition, flaw) => {
    expect(verdict(lines, format, condition)).toBe(flaw);
  });

  it('says what to wait for in place of cloud-init', () => {
    const { message, hint } = flawWords('no-cloud-init', 'web', evidence([]), expected('ignition'));
    expect(message).toBe("VM 'web' will not be done with cloud-init: it is Ignition that sets up its guest");
    expect(hint).toContain('plow wait web --for ssh');
  });
});
