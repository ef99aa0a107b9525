import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { hasPolkitAgent } from '../../../src/this-machine/polkit-agents.ts';

/** Whether there counts to be an agent while a program of that name runs. */
async function whileRuns(name: string): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), 'plow-agent-'));
  const program = join(directory, name);
  symlinkSync('/bin/sleep', program);
  const child = spawn(program, ['60']);
  try {
    // Until it is what it is to be.
    while (!readFileSync(`/proc/${child.pid}/comm`, 'utf8').startsWith(name.slice(0, 15))) await sleep(5);
    return hasPolkitAgent();
  } finally {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
    rmSync(directory, { recursive: true });
  }
}

// Where the machine that tests has one, nothing can be told.
it.skipIf(hasPolkitAgent())('a program that asks for polkit is known by its name', async () => {
  expect(await whileRuns('pkttyagent')).toBe(true);
  expect(await whileRuns('polkit-kde-authentication-agent-1')).toBe(true);
  expect(await whileRuns('lxpolkit')).toBe(true);
  expect(await whileRuns('polkitd')).toBe(false);
  expect(await whileRuns('bash')).toBe(false);
});
