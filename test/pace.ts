import { spawnSync } from 'node:child_process';

/** What `node -e 0` takes on a machine that has nothing else to do. */
const IDLE_MS = 50;

/**
 * How many times longer than on an idle machine a program takes just now, at least 1: what a limit of time is
 * multiplied by.
 */
export function pace(): number {
  const started = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return Math.max(1, (performance.now() - started) / IDLE_MS);
}

/** Milliseconds of a processor that this process has had: as many on a busy machine as on an idle one. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
