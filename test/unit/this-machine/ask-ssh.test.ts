import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askSsh } from '../../../src/this-machine/ask-ssh.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plow-ask-ssh-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** @returns what stands in for ssh */
async function program(script: string): Promise<string> {
  const file = join(directory, 'ssh');
  await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

/** One that ended may wait for its parent. */
function runs(pid: string): boolean {
  return existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}

describe('ssh that is asked whether it comes through', () => {
  it.each([
    ['exit 0', { kind: 'through', code: 0 }],
    ['echo "ssh: no route" >&2; exit 255', { kind: 'refused', words: 'ssh: no route\n' }],
    // Of a wrapper.
    ['exit 3', { kind: 'silent' }],
    ['kill -KILL $$', { kind: 'silent' }],
  ] as const)('%s', async (script, answer) => {
    expect(await askSsh(await program(script), [])).toEqual(answer);
  });

  it('is silent where there is none', async () => {
    expect(await askSsh(join(directory, 'none'), [])).toEqual({ kind: 'silent' });
  });

  it('is given up in time, with all that it started', async () => {
    const pids = join(directory, 'pids');
    const hangs = await program(
      `sleep 1000 & echo $! > ${pids}.new; echo $$ >> ${pids}.new; mv ${pids}.new ${pids}; wait`,
    );
    const asking = askSsh(hangs, [], 1000);
    await expect.poll(() => existsSync(pids)).toBe(true);
    expect(await asking).toEqual({ kind: 'silent' });
    const started = (await readFile(pids, 'utf8')).trim().split('\n');
    expect(started).toHaveLength(2);
    await expect.poll(() => started.filter(runs)).toEqual([]);
  });
});
