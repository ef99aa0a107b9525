import { describe, expect, it } from 'vitest';
import { questionAbout } from '../../../../../src/cli/commands/destroy/confirm.ts';
import { runCli } from '../../../../../src/cli/program.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { fakeEnvironment } from '../../environment.ts';
import type { FakeEnvironment } from '../../environment.ts';

const OFF = { name: 'off', runs: false, isForeign: false, isProtected: false };
const RUNS = { ...OFF, name: 'web', runs: true };
const FOREIGN = { ...OFF, name: 'a\u001Bb', isForeign: true };
const KEPT = { ...OFF, name: 'k\u001Bt', isProtected: true };

describe('the question', () => {
  it.each([
    ['nothing', [], undefined],
    ['a VM of plow that is off', [OFF], undefined],
    [
      'two that are off',
      [OFF, { ...OFF, name: 'db' }],
      'Destroy these 2 VMs with their disks: off, db? [y/N] ',
    ],
    ['one that runs', [RUNS], "VM 'web' runs.\nDestroy it with its disks? [y/N] "],
    [
      'one that is not of plow, and runs',
      [{ ...FOREIGN, runs: true }],
      "VM 'a\uFFFDb' runs and was not made by plow.\nDestroy it with its disks? [y/N] ",
    ],
    [
      'several',
      [OFF, RUNS, FOREIGN],
      "VM 'web' runs.\nVM 'a\uFFFDb' was not made by plow.\nDestroy these 3 VMs with their disks: off, web, a\uFFFDb? [y/N] ",
    ],
    ['one that is protected: it is refused', [{ ...KEPT, runs: true }], undefined],
    [
      'several of which one is protected',
      [OFF, RUNS, { ...KEPT, runs: true }],
      "VM 'web' runs.\nVM 'k\uFFFDt' is protected: it is not destroyed.\nDestroy these 2 VMs with their disks: off, web? [y/N] ",
    ],
    [
      'two of which one is protected',
      [OFF, KEPT],
      "VM 'k\uFFFDt' is protected: it is not destroyed.\nDestroy this VM with its disks: off? [y/N] ",
    ],
  ])('about %s', (_, vms, question) => {
    expect(questionAbout(vms, 'whole')).toBe(question);
  });

  it('does not speak of disks that go where they stay', () => {
    expect(questionAbout([OFF, RUNS], 'but data')).toBe(
      "VM 'web' runs.\nDestroy these 2 VMs, and keep their data disks: off, web? [y/N] ",
    );
    expect(questionAbout([RUNS], 'for a time')).toBe(
      "VM 'web' runs.\nStop and hide it, and keep its disks? [y/N] ",
    );
    expect(questionAbout([OFF, FOREIGN], 'for a time')).toMatch(
      /\nStop and hide these 2 VMs, and keep their disks: off, a.b\? \[y\/N\] $/u,
    );
  });
});

/** A terminal at which somebody answers. */
function terminal(answer: string): {
  environment: FakeEnvironment;
  asked: string[];
  hypervisor: FakeHypervisor;
} {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDirectory('/var/lib/libvirt/images');
  const document = '<domain><name>web</name><devices/></domain>';
  hypervisor.addDomain('web', document, 'running');
  const asked: string[] = [];
  const ask = async (question: string): Promise<string> => {
    asked.push(question);
    return answer;
  };
  return { environment: { ...fakeEnvironment(hypervisor), ask }, asked, hypervisor };
}

describe('plow destroy on a terminal', () => {
  it.each(['y\n', 'YES\n', ' yes '])('goes on after %j', async (answer) => {
    const { environment, asked, hypervisor } = terminal(answer);
    expect(await runCli(['destroy', 'web'], environment)).toBe(0);
    expect(asked).toHaveLength(1);
    expect([...hypervisor.domains.keys()]).toStrictEqual([]);
  });

  it.each(['n\n', '\n', '', 'yess\n', 'web\n'])('does nothing after %j', async (answer) => {
    const { environment, hypervisor } = terminal(answer);
    const before = hypervisor.census();
    await expect(runCli(['destroy', 'web', 'nosuch'], environment)).rejects.toMatchObject({
      kind: 'operation',
      message: 'nothing was destroyed: the answer was not yes',
    });
    expect(environment.stdout).toStrictEqual([]);
    expect(hypervisor.census()).toStrictEqual(before);
  });

  it('asks about what is to come back in other words', async () => {
    const { environment, asked } = terminal('n');
    const words = ['destroy', '--undo-within', '1h', 'web'];
    await expect(runCli(words, environment)).rejects.toThrow('the answer was not yes');
    expect(asked).toStrictEqual([expect.stringContaining('Stop and hide it, and keep its disks?')]);
  });

  it('asks with -q too, which is about what is told', async () => {
    const { environment, asked } = terminal('n');
    await expect(runCli(['destroy', '-q', 'web'], environment)).rejects.toThrow('the answer was not yes');
    expect(asked).toHaveLength(1);
  });

  it.each([['--yes'], ['-y'], ['--force'], ['-o', 'json'], ['-q', '--yes']])(
    'asks nothing with %j',
    async (...options) => {
      const { environment, asked, hypervisor } = terminal('n');
      expect(await runCli(['destroy', 'web', ...options], environment)).toBe(0);
      expect(asked).toStrictEqual([]);
      expect([...hypervisor.domains.keys()]).toStrictEqual([]);
    },
  );
});

/** Three VMs that are off, as plow made them or not, and nobody at a terminal. */
function script(): FakeEnvironment & { readonly left: () => readonly string[] } {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDirectory('/var/lib/libvirt/images');
  for (const name of ['web-1', 'web-2', 'db'])
    hypervisor.addDomain(name, `<domain><name>${name}</name><devices/></domain>`, 'shut off');
  return { ...fakeEnvironment(hypervisor), left: () => [...hypervisor.domains.keys()] };
}

describe('plow destroy of VMs that are chosen', () => {
  it('asks in a terminal, and says which', async () => {
    const asked: string[] = [];
    const environment = script();
    const ask = async (question: string): Promise<string> => {
      asked.push(question);
      return 'y';
    };
    expect(await runCli(['destroy', '--force', 'web-*'], { ...environment, ask })).toBe(0);
    expect(asked).toStrictEqual([expect.stringContaining('these 2 VMs with their disks: web-1, web-2?')]);
    expect(environment.left()).toStrictEqual(['db']);
  });

  it.each([[['web-*']], [['--all']], [['--force', 'web-?']], [['-o', 'json', '--all']]])(
    'refuses without a terminal, and says which and what to do: %j',
    async (words) => {
      const environment = script();
      await expect(runCli(['destroy', ...words], environment)).rejects.toMatchObject({
        kind: 'operation',
        message: expect.stringMatching(
          /^nothing was destroyed: these \d VMs are meant, but not named: /u,
        ) as string,
        hint: '--yes destroys them',
      });
      expect(environment.left()).toStrictEqual(['web-1', 'web-2', 'db']);
    },
  );

  it.each([
    [['--yes', 'web-*'], ['db']],
    [['--yes', '--all'], []],
    [['web-1', 'web-2'], ['db']],
    [
      ['--if-exists', 'nosuch-*', 'db'],
      ['web-1', 'web-2'],
    ],
    [
      ['--if-exists', '--tag', 'nosuch'],
      ['web-1', 'web-2', 'db'],
    ],
  ])('goes on without one: %j', async (words, left) => {
    const environment = script();
    expect(await runCli(['destroy', ...words], environment)).toBe(0);
    expect(environment.left()).toStrictEqual(left);
  });

  it('does nothing at all where a pattern matches nothing', async () => {
    const environment = script();
    await expect(runCli(['destroy', '--yes', 'nosuch-*', 'db'], environment)).rejects.toThrow(
      'no VM has a name like "nosuch-*"',
    );
    expect(environment.left()).toHaveLength(3);
  });
});
