import { describe, expect, it } from 'vitest';
import type { Finished } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { created, vm } from './vms.ts';

const host = useHost();

const LOST = 'the output could not be written: no space left on device (standard output)\n';

/** Runs a shell command in which "$@" is plow. It ends with 124 should plow hang. */
function within20Seconds(command: string): Promise<Finished> {
  return host().plowInShell(`timeout 20 "$@" ${command}`);
}

describe('a stream that takes no more', () => {
  it('does not leave create half done, and is an error when it is standard output', async () => {
    const file = await host().write(vm());
    const result = await within20Seconds(`create ${file} > /dev/full`);
    expect(result).toEqual({ code: 1, stdout: '', stderr: `error: VM 'web' was created, but ${LOST}` });
    expect(await host().virsh('domstate web')).toBe('running');
    expect((await host().plow(['list'])).stdout).toMatch(/^web +running /mu);
    await host().discard('web');
  });

  it('does not leave destroy half done', async () => {
    await host().given(vm());
    await host().virsh('destroy web');
    const result = await within20Seconds('destroy web > /dev/full');
    expect(result).toEqual({ code: 1, stdout: '', stderr: `error: VM 'web' was destroyed, but ${LOST}` });
  });

  it('has the document of a failure behind the note of what was done', async () => {
    await host().given(vm());
    const result = await within20Seconds('destroy --force -o json web nosuch > /dev/full');
    expect(result).toMatchObject({ code: 4 });
    const [note, document, ...rest] = result.stderr.trimEnd().split('\n');
    expect(note).toBe(`note: VM 'web' was destroyed, but ${LOST.trimEnd()}`);
    expect(JSON.parse(document ?? '')).toMatchObject({ error: { kind: 'operation', exit_code: 4 } });
    expect(rest).toStrictEqual([]);
  });

  it('has a document as well where plow itself is at fault', async () => {
    const bug = `${host().files}/bug.cjs`;
    await host().sh(`echo 'setTimeout(() => { throw new Error("a bug of the test"); }, 500);' > ${bug}`);
    const { code, stderr } = await host().plowInShell(
      `NODE_OPTIONS='--require ${bug}' timeout 20 "$@" -c test:///default list --watch -o json > /dev/null`,
    );
    expect(code).toBe(70);
    const last = stderr.trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ error: { kind: 'bug', exit_code: 70 } });
  });

  it('does not keep create from its work when it is standard error', async () => {
    const file = await host().write(vm());
    const { code, stdout } = await within20Seconds(`create ${file} 2> /dev/full`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: created('web') });
    expect(await host().virsh('domstate web')).toBe('running');
    await host().discard('web');
  });

  it.each([
    ['list > /dev/full', 1, `no VM is running (plow list --all shows all)\nerror: ${LOST}`],
    ['list > /dev/full 2>&1', 1, ''],
    ['--verbose list 2> /dev/full > /dev/null', 1, ''],
    ['destroy web > /dev/full 2>&1', 4, ''],
    ['destroy web 2> /dev/full', 4, ''],
  ])('tells by the exit code what came of `plow %s`: %i', async (command, code, stderr) => {
    expect(await within20Seconds(command)).toEqual({ code, stdout: '', stderr });
  });

  it.each([
    ['list', 'no VM is running (plow list --all shows all)\n'],
    ['list --all', 'no VMs\n'],
    ['--help', ''],
    ['create --help', ''],
  ])('is no error when its reader has seen enough: plow %s', async (command, stderr) => {
    const result = await host().plowInShell(
      `timeout 20 "$@" ${command} | true; echo "exit code \${PIPESTATUS[0]}"`,
    );
    expect(result).toEqual({ code: 0, stdout: 'exit code 0\n', stderr });
  });
});

describe('a create whose reader goes away half way', () => {
  it('makes the VM all the same', async () => {
    const file = await host().write(vm());
    const result = await host().plowInShell(
      `timeout 20 "$@" create ${file} | head -n 1; echo "exit code \${PIPESTATUS[0]}"`,
    );
    expect(result).toEqual({ code: 0, stdout: "Creating VM 'web'...\nexit code 0\n", stderr: '' });
    expect(await host().virsh('domstate web')).toBe('running');
    await host().discard('web');
  });
});
