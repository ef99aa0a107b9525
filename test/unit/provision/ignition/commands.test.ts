import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { commandsFile } from '../../../../src/provision/ignition/commands.ts';

const MARKER = '/var/lib/plow-runcmd.done';
let folder = '';

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'plow-runcmd-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the script of commands, with its marker in another place. */
function run(commands: readonly string[], marker = join(folder, 'done')): number | null {
  const script = commandsFile(commands).text.replaceAll(MARKER, marker);
  return spawnSync('/bin/sh', ['-c', script], { cwd: folder }).status;
}

it.each([
  ['that are killed', 'kill -9 $$'],
  ['that end by a signal', 'kill -TERM $$'],
  ['that have a trap of their own', 'trap : EXIT'],
  ['that fail', 'exit 3'],
])('is not to run commands again %s', (_, command) => {
  run([command]);
  expect(existsSync(join(folder, 'done'))).toBe(true);
});

it('has the mark on the disk before a command can see it', () => {
  run(['test -e done && echo marked > seen']);
  expect(readFileSync(join(folder, 'seen'), 'utf8')).toBe('marked\n');
});

it('runs no command where it cannot be marked', () => {
  expect(run(['touch ran'], join(folder, 'none', 'done'))).toBe(1);
  expect(existsSync(join(folder, 'ran'))).toBe(false);
});
