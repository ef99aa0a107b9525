import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { OVERLAP } from '../../src/libvirt/connection/concurrency.ts';
import { PLOW } from './support.ts';

/** Threads of a plow that connects, seen when the server has got its first bytes and says nothing. */
async function threadsOf(argv: readonly string[]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'plow-threads-'));
  const server = createServer().listen(join(directory, 'socket'));
  const [command = '', ...args] = PLOW;
  const uri = `qemu+unix:///system?socket=${join(directory, 'socket')}`;
  const plow = spawn(command, [...args, '-c', uri, ...argv], { stdio: 'ignore' });
  try {
    const [client] = (await once(server, 'connection')) as [NodeJS.ReadableStream];
    await once(client, 'data');
    return (await readdir(`/proc/${plow.pid}/task`)).length;
  } finally {
    plow.kill('SIGKILL');
    server.close();
    await rm(directory, { recursive: true });
  }
}

it.each([
  ['list', '--all'],
  ['validate', '--on-host', 'examples/simple-vm.yaml'],
  ['create', 'examples/simple-vm.yaml'],
])('plow %s has a thread for each call that overlaps on a far hypervisor', async (...argv) => {
  expect(await threadsOf(argv)).toBeGreaterThan(OVERLAP.far);
});
