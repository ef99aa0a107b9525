import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finished, Lab } from '../lab/lab.ts';
import { run } from '../run.ts';

const MACHINE = fileURLToPath(new URL('machine.sh', import.meta.url));

/** A user's Debian without Node, which keeps nothing after the test. */
export interface Machine {
  readonly root: string;
  /** Runs a shell command there, with the network of this machine: for apt. */
  sh(command: string): Promise<Finished>;
  /** The same within a host of the lab, to whose libvirtd a socket leads. */
  inLab(lab: Lab, command: string): Promise<Finished>;
  /** All files, but what apt and dpkg keep for themselves. */
  files(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Runs a program; a code other than 0 is a result, not an error. */
export function finished(program: string, args: readonly string[]): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(program, args, { maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });
}

/** What apt writes whatever is installed, and what caches of manual pages and of the linker are in. */
const KEPT = [
  '/var/lib/apt',
  '/var/lib/dpkg',
  '/var/cache',
  '/var/log',
  '/etc/ld.so.cache',
  '/proc',
  '/run',
  '/tmp',
  '/root',
];

/** To be started before the lab, whose hosts see what is mounted by then. @param suite of Debian */
export async function startMachine(suite: string): Promise<Machine> {
  const lower = (await run(MACHINE, [suite])).trim();
  const work = await mkdtemp(`/var/tmp/plow-machine-${suite}-`);
  const root = join(work, 'root');
  for (const name of ['upper', 'work', 'root']) await mkdir(join(work, name));
  const layers = `lowerdir=${lower},upperdir=${join(work, 'upper')},workdir=${join(work, 'work')}`;
  await run('mount', ['-t', 'overlay', 'overlay', '-o', layers, root]);
  await run('mount', ['-t', 'proc', 'proc', join(root, 'proc')]);
  await copyFile('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
  const bare = [
    'env',
    '-i',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    'HOME=/root',
    'DEBIAN_FRONTEND=noninteractive',
    'LC_ALL=C.UTF-8',
  ];
  const words = (command: string): readonly string[] => [...bare, 'chroot', root, 'bash', '-c', command];
  return {
    root,
    sh: (command) => finished('env', words(command).slice(1)),
    inLab: async (lab, command) => {
      await lab.exec('h1', ['sh', '-c', `mountpoint -q ${root}/run || mount --bind /run ${root}/run`]);
      return lab.exec('h1', words(command));
    },
    files: async () => {
      const pruned = KEPT.map((path) => `-path ${path}`).join(' -o ');
      const { stdout } = await finished('env', words(`find / '(' ${pruned} ')' -prune -o -print`).slice(1));
      return stdout.split('\n').toSorted();
    },
    stop: async () => {
      await run('umount', ['-R', root]);
      await rm(work, { recursive: true });
    },
  };
}
