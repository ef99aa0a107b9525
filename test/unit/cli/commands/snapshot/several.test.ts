import { describe, expect, it } from 'vitest';
import { runCli } from '../../../../../src/cli/program.ts';
import { resultDocument } from '../../../../../src/documents/result-schema.ts';
import { snapshotDocument } from '../../../../../src/documents/snapshots/snapshot-schema.ts';
import { PlowError } from '../../../../../src/errors/plow-error.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { domainOf } from '../../../vm/list/tagged.ts';
import { fakeEnvironment } from '../../environment.ts';
import type { FakeEnvironment } from '../../environment.ts';

/** Two VMs of plow's with a tag, and one of another tool. */
function host(): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  for (const name of ['web-1', 'web-2']) {
    hypervisor.addDomain(name, domainOf(name, ['web']), 'shut off');
    hypervisor.addDirectory(`/images/${name}`, 'boot.qcow2');
  }
  const theirs = domainOf('theirs', []).replace(/<metadata>[^]*<\/metadata>/u, '');
  hypervisor.addDomain('theirs', theirs, 'shut off');
  return hypervisor;
}

/** @returns its failure too, in a line */
async function plow(
  hypervisor: FakeHypervisor,
  words: string,
  ask?: FakeEnvironment['ask'],
): Promise<Pick<FakeEnvironment, 'stdout' | 'stderr'>> {
  const environment = { ...fakeEnvironment(hypervisor), ask };
  try {
    await runCli(['snapshot', ...words.split(' ')], environment);
  } catch (error) {
    if (!(error instanceof PlowError)) throw error;
    environment.stderr.push(`error: ${error.message}`);
  }
  return environment;
}

async function names(hypervisor: FakeHypervisor): Promise<readonly string[]> {
  const { stdout } = await plow(hypervisor, 'list --all -o json');
  return stdout
    .map((line) => snapshotDocument.parse(JSON.parse(line)))
    .flatMap(({ vm, snapshots }) => snapshots.map(({ name }) => `${vm} ${name}`));
}

const BOTH = ['web-1 one', 'web-2 one'];

describe('snapshots of several VMs', () => {
  it.each(['create web-1 web-2 one', 'create web-* one', 'create --tag web one'])('%s', async (words) => {
    const hypervisor = host();
    await plow(hypervisor, words);
    expect(await names(hypervisor)).toStrictEqual(BOTH);
  });

  it('have one name of the time where none is given', async () => {
    const hypervisor = host();
    await plow(hypervisor, 'create --tag web');
    const taken = (await names(hypervisor)).map((line) => line.split(' '));
    expect(taken.map(([vm]) => vm)).toStrictEqual(['web-1', 'web-2']);
    expect(new Set(taken.map(([, name]) => name?.replaceAll(/\d/gu, '0')))).toStrictEqual(
      new Set(['00000000-000000']),
    );
  });

  it.each(['create web-1 web-2', 'create --tag web theirs'])('%s takes none', async (words) => {
    const hypervisor = host();
    const { stderr } = await plow(hypervisor, words);
    expect(stderr.join('\n')).toMatch(
      /'(?:web-2|theirs)', the last word, would be its name, and is that of a VM/u,
    );
    expect(await names(hypervisor)).toStrictEqual([]);
  });

  it('are taken of all that can be; the others are named, in a line of JSON each', async () => {
    const hypervisor = host();
    const { stdout, stderr } = await plow(hypervisor, 'create -o json --all one');
    const told = stdout.map((line) => resultDocument.parse(JSON.parse(line)));
    const lines = told.map(({ name, status, snapshot }) => `${name} ${status} ${snapshot}`);
    expect(lines.toSorted()).toStrictEqual(['theirs failed one', 'web-1 taken one', 'web-2 taken one']);
    expect(stderr).toStrictEqual(['error: snapshots of 1 of 3 VMs were not taken: theirs']);
  });

  it('are listed below their VMs; who has none, and who is not of plow, is not named', async () => {
    const hypervisor = host();
    await plow(hypervisor, 'create web-2 one');
    const { stdout, stderr } = await plow(hypervisor, 'list --all');
    expect(stdout.map((line) => line.replaceAll(/\d{4}-\S+ \S+Z/gu, 'TIME').split(/ {2,}/u))).toStrictEqual([
      ['VM', 'NAME', 'CREATED', 'REVERT', 'DESCRIPTION'],
      ['web-2', 'one *', 'TIME', 'yes', '-'],
    ]);
    expect(stderr).toStrictEqual([]);
    const named = await plow(hypervisor, 'list web-2 theirs');
    expect(named.stderr.join('\n')).toMatch(/'theirs' was not made by plow[^]*of 1 of 2 VMs could not be/u);
  });

  it('are shown one after the other, each with its VM', async () => {
    const hypervisor = host();
    await plow(hypervisor, 'create --tag web one');
    const { stdout } = await plow(hypervisor, 'show --tag web one');
    expect(stdout.filter((line) => /^(?:vm|name|$)/u.test(line))).toStrictEqual([
      'vm           web-1',
      'name         one (current)',
      '',
      'vm           web-2',
      'name         one (current)',
    ]);
  });

  it.each(['revert', 'delete'])('%s asks once for all of them', async (action) => {
    const hypervisor = host();
    await plow(hypervisor, 'create --tag web one');
    const questions: string[] = [];
    const ask = (answer: string) => async (question: string) => {
      questions.push(question);
      return answer;
    };
    const { stderr } = await plow(hypervisor, `${action} web-1 web-2 one`, ask('n'));
    expect(stderr).toContain('error: nothing was changed: the answer was not yes');
    expect(questions).toStrictEqual([expect.stringMatching(/'web-1', 'web-2'[^]*\[y\/N\] $/u)]);
    expect(await names(hypervisor)).toStrictEqual(BOTH);
    await plow(hypervisor, `${action} web-1 web-2 one`, ask('y'));
    expect(await names(hypervisor)).toStrictEqual(action === 'revert' ? BOTH : []);
  });

  it.each(['revert --all one', 'delete web-* one', 'delete -o json --tag web one'])(
    '%s in a pipe wants --yes',
    async (words) => {
      const hypervisor = host();
      await plow(hypervisor, 'create --tag web one');
      const { stderr } = await plow(hypervisor, words);
      expect(stderr.join('\n')).toMatch(/nothing was changed: VMs that are not named are meant: .*'web-1'/u);
      expect(await names(hypervisor)).toStrictEqual(BOTH);
      if (words.startsWith('delete')) await plow(hypervisor, `${words} --yes`);
      expect(await names(hypervisor)).toStrictEqual(words.startsWith('delete') ? [] : BOTH);
    },
  );
});
