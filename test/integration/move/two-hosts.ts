import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { differences, startLab } from '../../lab/lab.ts';
import type { Census, Finished, Lab } from '../../lab/lab.ts';
import { PLOW, TestHost } from '../support.ts';
import { IMAGES } from '../vms.ts';

/** Two hypervisors, and plow on the machine that sees both. */
export class TwoHosts {
  readonly h1: TestHost;
  readonly h2: TestHost;
  readonly config: string;

  constructor(lab: Lab, files: string) {
    this.h1 = new TestHost(lab, files, 'h1');
    this.h2 = new TestHost(lab, files, 'h2');
    this.config = join(files, 'plow.yaml');
  }

  /** plow outside of both, with a settings file that names them; h1 is meant where none is named. */
  plow(...argv: readonly string[]): Promise<Finished> {
    return this.run([...PLOW, '--config', this.config, ...argv]);
  }

  /** Runs a program outside of both. */
  async run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    const [program = '', ...words] = argv;
    const child = spawn(program, words, {
      env: { PATH: process.env['PATH'], HOME: this.h1.files, LANG: 'C.UTF-8', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    const [stdout, stderr] = await said;
    const code = child.exitCode ?? 128 + (child.signalCode ? constants.signals[child.signalCode] : 0);
    return { code, stdout, stderr };
  }

  /** As a host that plow runs on, for faults. */
  get outside(): Pick<TestHost, 'exec' | 'files'> {
    return { files: this.h1.files, exec: (argv) => this.run(argv) };
  }

  /** The round trips that a trace has, which goes. */
  async callsOf(trace: string): Promise<readonly string[]> {
    const lines = (await readFile(trace, 'utf8')).trimEnd().split('\n');
    await rm(trace);
    return lines.flatMap((line) => (line.startsWith('call ') ? [line.slice('call '.length)] : []));
  }

  /** States of a VM on both: `h1 running, h2 shut off`. */
  async whereIs(name: string): Promise<string> {
    const all = await Promise.all(
      [this.h1, this.h2].map(async (host) => {
        const { code, stdout } = await host.exec(['virsh', '-q', 'domstate', name]);
        return code === 0 ? [`${host.name} ${stdout.trim()}`] : [];
      }),
    );
    return all.flat().join(', ');
  }
}

/** Of the files of VM `web`, but for its console log. */
export const SUMS = `cd ${IMAGES}/web && find . -type f ! -name console.log -exec sha256sum {} + | sort -k2
  sha256sum < /var/lib/libvirt/qemu/nvram/web_VARS.fd`;
export const DOCUMENT = 'virsh dumpxml --inactive --security-info web';

/** Gives the tests of a file two hosts, which each test leaves as it found them. */
export function useTwoHosts(): () => TwoHosts {
  let hosts: TwoHosts | undefined;
  let before: readonly Census[] = [];
  let left: readonly string[] = [];
  const current = (): TwoHosts => {
    if (hosts === undefined) throw new Error('the hosts are there from beforeAll on');
    return hosts;
  };
  beforeAll(async () => {
    const lab = await startLab(2);
    const files = await mkdtemp(join(tmpdir(), 'plow-move-'));
    hosts = new TwoHosts(lab, files);
    const entries = ['h1', 'h2'].map((name) => [name, { connect: lab.uri(name) }]);
    await writeFile(hosts.config, stringify({ host: 'h1', hosts: Object.fromEntries(entries) }));
    before = await Promise.all([hosts.h1.census(), hosts.h2.census()]);
  });
  afterAll(async () => {
    await hosts?.h1.lab.stop();
    if (hosts !== undefined) await rm(hosts.h1.files, { recursive: true });
  });
  afterEach(async ({ task }) => {
    const { h1, h2 } = current();
    const now = await Promise.all([h1.census(), h2.census()]);
    left = before.flatMap((one, index) => differences(one, now[index] ?? one));
    if (left.length > 0) await Promise.all([h1.sweep(), h2.sweep()]);
    if (task.result?.state !== 'fail' && left.length > 0) throw new Error(left.join('\n'));
  });
  return current;
}
