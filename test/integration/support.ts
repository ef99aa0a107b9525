import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { stringify } from 'yaml';
import { differences, startLab } from '../lab/lab.ts';
import type { Census, ExecOptions, Finished, Lab } from '../lab/lab.ts';
import { destroyed, IMAGES } from './vms.ts';

/** What the hosts of the lab have; QEMU without its release. */
export const VERSIONS =
  process.env['LAB_TRIXIE'] === '1' ? { libvirt: '11.3.0', qemu: '10.0' } : { libvirt: '9.0.0', qemu: '7.2' };

export const PLOW = [process.execPath, fileURLToPath(new URL('../../dist/plow.cjs', import.meta.url))];

const SWEEP = `
for vm in $(virsh list --all --name); do
  virsh destroy "$vm"
  virsh undefine "$vm" --nvram --managed-save --snapshots-metadata
done
for pool in $(virsh pool-list --all --name); do
  virsh pool-destroy "$pool"
  virsh pool-undefine "$pool"
done
find ${IMAGES} -mindepth 1 ! -name 'tiny.*' ! -name busybox.qcow2 -delete
`;

/** A hypervisor, its libvirtd and a directory for the test's own files, which it sees under the same path. */
export class TestHost {
  readonly lab: Lab;
  readonly files: string;
  readonly name: string;

  constructor(lab: Lab, files: string, name = 'h1') {
    this.lab = lab;
    this.files = files;
    this.name = name;
  }

  /** Runs a program inside the host; any exit code is a result. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<Finished> {
    return this.lab.exec(this.name, argv, options);
  }

  /** What a shell command inside the host prints. @throws Error unless it ends with 0 */
  async sh(command: string, input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.exec(
      ['sh', '-ec', command],
      input === undefined ? {} : { input },
    );
    if (code !== 0) throw new Error(`${command}\nexit code ${code}: ${stderr}`);
    return stdout.trim();
  }

  /** libvirt's own client. @throws Error unless virsh ends with 0 */
  virsh(command: string): Promise<string> {
    return this.sh(`virsh --quiet ${command}`);
  }

  /**
   * Defines a VM, or creates it paused and for as long as it runs, as another tool would: no word of plow in
   * it.
   */
  async foreignVm(
    how: 'define' | 'create --paused',
    { name, devices = '' }: { name: string; devices?: string },
  ): Promise<void> {
    const xml = `<domain type='qemu'>
      <name>${name}</name><memory unit='MiB'>64</memory><vcpu>2</vcpu>
      <os><type arch='x86_64' machine='q35'>hvm</type></os>
      <devices>${devices}</devices>
    </domain>`;
    // Standard input is a socket, which cannot be opened again by a name; a pipe can.
    await this.sh(`cat | virsh --quiet ${how} /dev/stdin`, xml);
  }

  plow(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return this.lab.plow(this.name, argv, { env });
  }

  /** Writes the configuration of a VM. @returns its path */
  async write(config: object, file = 'vm.yaml'): Promise<string> {
    const path = join(this.files, file);
    await writeFile(path, stringify(config));
    return path;
  }

  /** Writes a configuration and creates the VM. */
  async create(config: object, env?: Readonly<Record<string, string>>): Promise<Finished> {
    return this.plow(['create', await this.write(config)], env);
  }

  /** Has a VM made, for tests that are about what comes after. */
  async given(config: object): Promise<void> {
    const { code, stderr } = await this.create(config);
    const isOdd = stderr.split('\n').some((line) => line !== '' && !/^warning: \S+: shares\[/u.test(line));
    if (code !== 0 || isOdd) throw new Error(`plow create ended with ${code}: ${stderr}`);
  }

  /** Removes a VM that need not be asked first. */
  async discard(name: string): Promise<void> {
    await this.virsh(`destroy ${name}`);
    const { code, stdout, stderr } = await this.plow(['destroy', name]);
    if (code !== 0 || stdout !== destroyed(name, { was: 'off' }) || stderr !== '') {
      throw new Error(`plow destroy ended with ${code}: ${stdout}${stderr}`);
    }
  }

  /** Has plow create a VM and kills it as soon as a file exists on the host. */
  async killCreate(config: string, sign: string): Promise<void> {
    await this.plowInShell(
      `"$@" create ${config} & until [ -e ${sign} ]; do :; done; kill -KILL $!; wait $! || true`,
    );
  }

  /**
   * Runs a bash script in which "$@" is plow. Where its input is a socket bash would read somebody's
   * ~/.bashrc first.
   */
  plowInShell(script: string, options?: ExecOptions): Promise<Finished> {
    return this.exec(['bash', '--norc', '-c', script, 'bash', ...PLOW], options);
  }

  /** Types a command into the shell of a busybox guest until it prints a line that begins with what is awaited. */
  async guestSays(name: string, command: string, answer: string): Promise<void> {
    await this.sh(`tty=$(virsh ttyconsole ${name}); exec 3<>$tty; stty -F $tty -echo
      timeout 200 sh -c 'while :; do echo "${command}" >&3; sleep 1; done' & typing=$!
      timeout 200 grep -q -m 1 "^${answer}" <&3; kill $typing`);
  }

  /** What qemu-img says of a disk image. */
  async imageInfo(file: string): Promise<unknown> {
    // -U: QEMU has it locked.
    return JSON.parse(await this.sh(`qemu-img info -U --output=json ${file}`));
  }

  census(): Promise<Census> {
    return this.lab.census(this.name);
  }

  /** Makes a host that a failed test left in disorder fit for the next one. */
  async sweep(): Promise<void> {
    await this.exec(['sh', '-c', SWEEP]);
  }

  libvirtd(action: Parameters<Lab['libvirtd']>[1]): Promise<void> {
    return this.lab.libvirtd(this.name, action);
  }
}

/**
 * Gives the tests of a file a host of their own, and fails each that leaves anything on it: domains, pools,
 * files, or another owner, mode, size or other bytes of what was there before.
 */
export function useHost(): () => TestHost {
  let host: TestHost | undefined;
  let before: Census | undefined;
  const current = (): TestHost => {
    if (host === undefined) throw new Error('the host is there from beforeAll on');
    return host;
  };
  beforeAll(async () => {
    host = new TestHost(await startLab(), await mkdtemp(join(tmpdir(), 'plow-integration-')));
  });
  afterAll(async () => {
    await host?.lab.stop();
    if (host !== undefined) await rm(host.files, { recursive: true });
  });
  beforeEach(async () => {
    before = await current().census();
  });
  afterEach(async ({ task }) => {
    if (before === undefined) return;
    const changed = differences(before, await current().census());
    if (changed.length > 0) await current().sweep();
    if (task.result?.state !== 'fail') expect(changed).toEqual([]);
  });
  return current;
}
