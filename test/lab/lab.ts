import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const LAB = fileURLToPath(new URL('lab.sh', import.meta.url));
const PLOW = fileURLToPath(new URL('../../dist/plow.cjs', import.meta.url));

/** Where a host keeps its images, as the host itself sees it. */
const IMAGES = '/var/lib/libvirt/images';

/** Above this many MiB a file is compared by its size only: a full disk takes too long to read. */
const SUMMED_MIB = 16;
const SUM_BYTES = `-type f ! -name console.log -size -${SUMMED_MIB}M -exec cksum {} +`;

/**
 * What `%s` says of a directory depends on the file system, so only files have it. Of images the bytes count
 * too, but of what a guest writes to its console whenever it likes.
 */
const FIND_IMAGES = `find ${IMAGES} '(' -type d -o -name console.log ')' -printf '%y %m %u:%g %p\\n' -o -printf '%y %m %u:%g %s %p\\n'
  find ${IMAGES} ${SUM_BYTES}`;

/**
 * NVRAM, TPM states, definitions and what tells libvirt that something runs. Without the directories, of
 * which libvirt makes some at the first use, but for those of TPMs, each of which is a domain's. What is kept
 * for good counts with its bytes; what is below /run libvirt writes anew whenever it likes.
 */
const FIND_FILES = `here() { for place; do [ ! -e $place ] || echo $place; done; }
  find $(here /etc/libvirt /var/lib/libvirt/qemu /run/libvirt/qemu /run/libvirt/storage) ! -type d -printf '%y %m %u:%g %p\\n'
  find $(here /etc/libvirt /var/lib/libvirt/qemu) ${SUM_BYTES}
  [ ! -e /var/lib/libvirt/swtpm ] || find /var/lib/libvirt/swtpm -mindepth 1 -printf '%y %m %u:%g %p\\n'`;

export type Finished = {
  /** As a shell gives it: 128 + n for a program that signal n ended. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

export type ExecOptions = {
  /** Added to a bare environment: nothing of the test's own reaches the program. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the program reads from standard input; nothing unless given. */
  readonly input?: string;
};

/** All that a VM could leave behind on a host, in lists that compare with `toEqual`. */
export type Census = {
  readonly domains: readonly string[];
  readonly pools: readonly string[];
  /**
   * Everything under the images directory: type, mode, owner, size (files only), path; and checksums of the
   * files.
   */
  readonly images: readonly string[];
  /**
   * NVRAM, TPM states, definitions of domains and pools, the files of running domains: type, mode, owner,
   * path; checksums.
   */
  readonly files: readonly string[];
};

/** What has appeared on a host, gone away or changed: the one check of whether anything is left. */
export function differences(before: Census, after: Census): readonly string[] {
  return (Object.keys(before) as (keyof Census)[]).flatMap((kind) => [
    ...after[kind].filter((line) => !before[kind].includes(line)).map((line) => `left: ${kind}: ${line}`),
    ...before[kind].filter((line) => !after[kind].includes(line)).map((line) => `lost: ${kind}: ${line}`),
  ]);
}

export type Lab = {
  readonly name: string;
  /** The URI that reaches a host from outside it. */
  uri(host: string): string;
  /** The images directory of a host, as seen from outside it. */
  images(host: string): string;
  /** Copies an image to a host, and gives its path as the host sees it. */
  addImage(host: string, source: string, name?: string): Promise<string>;
  /** Runs a program inside a host; a code other than 0 is a result, not an error. */
  exec(host: string, argv: readonly string[], options?: ExecOptions): Promise<Finished>;
  /** Runs the built plow inside a host, as someone logged in there would. */
  plow(host: string, argv: readonly string[], options?: ExecOptions): Promise<Finished>;
  /** `lab.sh kill`, `stop`, `start`, `freeze` or `thaw`: what befalls a host's libvirtd, or another daemon. */
  libvirtd(host: string, action: LibvirtdAction, daemon?: string): Promise<void>;
  /** Pulls the cable of a host, or puts it back. */
  cable(host: string, action: 'cut' | 'heal'): Promise<void>;
  census(host: string): Promise<Census>;
  /** Ends the hosts and all that runs in them, and removes their files. */
  stop(): Promise<void>;
};

export type LibvirtdAction = 'kill' | 'stop' | 'start' | 'freeze' | 'thaw';

/**
 * Starts a lab of its own with hosts h1, h2 ... in about a third of a second. It ends with
 * `stop`, and also when this process ends in any way: `lab.sh hold` watches our end of a pipe.
 *
 * @param isModular with the daemons of modular.sh in place of libvirtd
 * @throws Error with lab.sh's own words when the lab does not come up
 */
export async function startLab(hosts = 1, { isModular = false } = {}): Promise<Lab> {
  const name = `plow-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const variables = isModular ? { LAB_MODULAR: '1' } : {};
  const holder = await hold(name, hosts, variables);
  const images = (host: string): string => join('/tmp', name, host, 'lib/images');
  const lab = (argv: readonly string[]): Promise<Finished> => run(LAB, argv, { name, env: variables });
  // As `lab.sh exec` does it, without a shell that takes longer to start than most of what is run.
  const exec: Lab['exec'] = async (host, argv, options) => {
    const pid = await pidOf(name, host);
    const enter = ['-t', pid, '-m', '-u', '-i', '-n', '-p', '--root', `--wd=${process.cwd()}`, '--'];
    return run('nsenter', [...enter, ...argv], { name, ...options });
  };
  return {
    name,
    uri: (host) =>
      `qemu+unix:///system?socket=/tmp/${name}/${host}/run/libvirt/${isModular ? 'virtqemud' : 'libvirt'}-sock`,
    images,
    async addImage(host, source, file = basename(source)) {
      await copyFile(source, join(images(host), file));
      return `${IMAGES}/${file}`;
    },
    exec,
    plow: (host, argv, options) => exec(host, [process.execPath, PLOW, ...argv], options),
    async libvirtd(host, action, daemon) {
      await succeed(lab([action, host, ...(daemon === undefined ? [] : [daemon])]));
    },
    async cable(host, action) {
      await succeed(lab([action, host]));
    },
    census: (host) => takeCensus((argv) => succeed(exec(host, argv))),
    async stop() {
      if (holder.exitCode !== null) return;
      holder.stdin?.end();
      await once(holder, 'exit');
    },
  };
}

/** Starts `lab.sh hold`, out of reach of a Ctrl-C, and waits for its hosts. */
async function hold(
  name: string,
  hosts: number,
  variables: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const holder = spawn(LAB, ['hold', String(hosts)], {
    detached: true,
    env: { ...environment(name), ...variables },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const words = text(holder.stderr);
  const [ready] = await Promise.race([once(holder.stdout, 'data'), once(holder, 'close')]);
  if (!Buffer.isBuffer(ready)) throw new Error(`the lab did not come up: ${await words}`);
  return holder;
}

/** The first process of a host, which lives as long as the host does. */
async function pidOf(name: string, host: string): Promise<string> {
  const [pid = ''] = (await readFile(join('/tmp', name, host, 'pid'), 'utf8')).split(' ');
  return pid;
}

async function run(
  program: string,
  argv: readonly string[],
  { name, env = {}, input }: ExecOptions & { readonly name: string },
): Promise<Finished> {
  const child = spawn(program, argv, { env: { ...environment(name), ...env } });
  // A program may end without reading what it is given.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await closed;
  const code = child.exitCode ?? 128 + (child.signalCode ? constants.signals[child.signalCode] : 0);
  return { code, stdout, stderr };
}

async function succeed(result: Promise<Finished>): Promise<string> {
  const { code, stdout, stderr } = await result;
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return stdout;
}

function environment(name: string): Record<string, string> {
  const { PATH = '', HOME = '/root', PLOW_LAB_CACHE, LAB_TRIXIE } = process.env;
  return {
    PATH,
    HOME,
    // Nobody's settings: these tests make and destroy VMs.
    XDG_CONFIG_HOME: '/nonexistent',
    LANG: 'C.UTF-8',
    LAB_NAME: name,
    ...(PLOW_LAB_CACHE === undefined ? {} : { PLOW_LAB_CACHE }),
    ...(LAB_TRIXIE === undefined ? {} : { LAB_TRIXIE }),
  };
}

/** Between the parts of a census. */
const CUT = '== cut ==';

async function takeCensus(succeeds: (argv: readonly string[]) => Promise<string>): Promise<Census> {
  const counted = `virsh "list --all --name; echo '${CUT}'; pool-list --all --name; echo '${CUT}'" || exit`;
  const output = await succeeds(['sh', '-c', `${counted}\n${FIND_IMAGES}\necho '${CUT}'\n${FIND_FILES}`]);
  const [domains = [], pools = [], images = [], files = []] = output.split(`${CUT}\n`).map((part) =>
    part
      .split('\n')
      .filter((line) => line !== '')
      .toSorted(),
  );
  return { domains, pools, images, files };
}
