import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { stringify } from 'yaml';
import { NETWORK_FILE } from '../../../src/config/network-file/network-file.ts';
import { protocolOf } from '../../../src/routing/bird.ts';
import { BIRD_FILE } from '../../../src/routing/places.ts';
import {
  addressOf,
  asOf,
  Bird,
  hostConfig,
  ROUTER,
  ROUTER_ADDRESS,
  ROUTER_AS,
  routerConfig,
  until,
} from '../../lab/bird.ts';
import { addBusyboxImage } from '../../lab/guest-image.ts';
import { differences, startLab } from '../../lab/lab.ts';
import type { Census, Lab } from '../../lab/lab.ts';
import { TestHost } from '../support.ts';
import { IMAGES, vm } from '../vms.ts';

/** Where libvirt looks for a user's own hook. */
export const USER_HOOK = '/etc/libvirt/hooks/qemu';

const fixture = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../fixtures/routed/${name}`, import.meta.url)), 'utf8');

/** The role's hook, in sh. */
export const roleHook = (): Promise<string> => fixture('role-hook.sh');

/** The role's bird.conf on a host. */
export async function roleConfig(host: string): Promise<string> {
  return (await fixture('role.bird.conf'))
    .replaceAll('HOST', addressOf(host))
    .replaceAll('AS;', `${asOf(host)};`)
    .replaceAll('ROUTER', ROUTER_ADDRESS);
}

/** BIRD's name of plow's session with the router. */
export const SESSION = protocolOf({ address: ROUTER_ADDRESS });

/** bird.conf of a host whose admin leaves all else to plow. */
export const plowConfig = (host: string): string => hostConfig(host, `include "${BIRD_FILE}";`);

const networkFile = (host: string): string =>
  stringify({
    prefixes: ['10.55.0.0/16'],
    bgp: {
      local_as: asOf(host),
      address: addressOf(host),
      neighbors: [{ address: ROUTER_ADDRESS, as: ROUTER_AS }],
    },
  });

/** The file of a VM of a routed address. @param image tiny.qcow2, at once there, or busybox.qcow2, which answers pings */
export function routedVm(name: string, ip: string, image = 'tiny.qcow2', changes: object = {}): object {
  return vm({
    name,
    memory_gib: undefined,
    memory_mib: image === 'tiny.qcow2' ? 16 : 128,
    boot_disk: { image: `${IMAGES}/${image}`, size_gb: 1 },
    network_interfaces: [{ mode: 'ethernet', ip: `${ip}/32` }],
    ...(image === 'tiny.qcow2' ? {} : { cloud_init: { fqdn: `${name}.example.org` } }),
    ...changes,
  });
}

/** What the router saw come or go, and how long after a command had begun, and had ended. */
export interface Seen {
  readonly sinceBeginMs: number;
  readonly sinceEndMs: number;
}

/** Hosts that route their guests, each with libvirt, plow's hook and BIRD, and the router that they tell. */
export class Fabric {
  readonly lab: Lab;
  readonly files: string;
  readonly router: Bird;
  readonly names: readonly string[];

  constructor(lab: Lab, files: string, names: readonly string[]) {
    this.lab = lab;
    this.files = files;
    this.names = names;
    this.router = new Bird(lab, ROUTER, files);
  }

  host(name = 'h1'): TestHost {
    return new TestHost(this.lab, this.files, name);
  }

  bird(name = 'h1'): Bird {
    return new Bird(this.lab, name, this.files);
  }

  /** What a shell command on the router prints. @throws Error unless it ends with 0 */
  onRouter(command: string): Promise<string> {
    return new TestHost(this.lab, this.files, ROUTER).sh(command);
  }

  /** Makes a host ready as docs/routed-vms.md has it. */
  async setUp(name: string): Promise<void> {
    const host = this.host(name);
    await host.sh(`mkdir -p /etc/plow; cat > ${NETWORK_FILE}`, networkFile(name));
    await this.bird(name).start(hostConfig(name));
    // It ends with 2 until bird.conf includes what it has written.
    const first = await host.plow(['network', 'setup']);
    await this.bird(name).configure(plowConfig(name));
    const again = await host.plow(['network', 'setup']);
    if (first.code === 2 && again.code === 0) return;
    throw new Error(`plow network setup: ${first.code}: ${first.stderr}; ${again.code}: ${again.stderr}`);
  }

  /** Puts a hook on a host, and has libvirtd see it. */
  async hook(path: string, text: string, mode = '755', name = 'h1'): Promise<void> {
    await this.host(name).sh(
      `mkdir -p ${path.replace(/[^/]*$/u, '')}; cat > ${path}; chmod ${mode} ${path}`,
      text,
    );
    await this.reload(name);
  }

  /** As `systemctl reload libvirtd`: a libvirtd that found no hook at its start looks again. */
  async reload(name = 'h1'): Promise<void> {
    await this.host(name).sh('kill -HUP $(cat /run/libvirtd.pid)');
  }

  /** The hosts to which the router sends what is for an address. */
  async routes(ip: string): Promise<readonly string[]> {
    const shown = await this.onRouter(`ip route show ${ip}`);
    return [...shown.matchAll(/via 10\.77\.0\.1(?<number>\d)/gu)].map(
      ({ groups }) => `h${groups?.['number']}`,
    );
  }

  /** Waits until the router sends what is for an address to these hosts, and to no other. */
  async routed(ip: string, ...hosts: readonly string[]): Promise<void> {
    await until(
      `the router has ${ip} at ${hosts.join(', ') || 'nobody'}`,
      async () => (await this.routes(ip)).toSorted().join() === hosts.join(),
    );
  }

  /** Waits until a guest answers the router. */
  async answers(ip: string): Promise<void> {
    await until(`${ip} answers`, async () => (await this.ping(ip, '-c 1 -W 1')) === 0, 0);
  }

  /** The packets that got no answer. @param options of ping, one packet at least */
  async ping(ip: string, options: string): Promise<number> {
    const said = await this.onRouter(`${BUSYBOX} ping -q ${options} ${ip} || true`);
    const [, sent, received] = /(?<sent>\d+) packets transmitted, (?<received>\d+)/u.exec(said) ?? [];
    return Number(sent) - Number(received);
  }

  /** Has the router's kernel watched while something is done. @param sign as `ip monitor route` prints it */
  async seen(sign: RegExp, work: () => Promise<unknown>): Promise<Seen> {
    const file = join(this.files, 'monitor');
    await this.onRouter(
      `rm -f ${file}; ip -o -ts monitor route > ${file} 2> /dev/null & echo $! > ${file}.pid`,
    );
    await until('the router is watched', async () => {
      await this.onRouter('ip route replace 192.0.2.1 dev lo; ip route del 192.0.2.1 dev lo');
      return (await readFile(file, 'utf8')).includes('192.0.2.1');
    });
    const begun = Date.now();
    await work();
    const ended = Date.now();
    let at = 0;
    await until(`the router saw ${sign.source}`, async () => {
      const line = (await readFile(file, 'utf8')).split('\n').find((text) => sign.test(text)) ?? '';
      at = Date.parse(`${/^\[(?<time>[^\]]*)\]/u.exec(line)?.groups?.['time']}Z`);
      return !Number.isNaN(at);
    });
    await this.onRouter(`kill $(cat ${file}.pid)`);
    return { sinceBeginMs: at - begun, sinceEndMs: at - ended };
  }
}

/** Debian's, as the guests have it. */
const BUSYBOX = join(process.env['PLOW_LAB_CACHE'] ?? '/var/tmp/plow-lab', 'busybox/bin/busybox');

/**
 * Gives the tests of a file hosts of their own that route their guests, and fails each that leaves anything
 * on them.
 */
export function useFabric(count = 1): () => Fabric {
  let fabric: Fabric | undefined;
  let before: readonly Census[] = [];
  const current = (): Fabric => {
    if (fabric === undefined) throw new Error('the fabric is there from beforeAll on');
    return fabric;
  };
  const censuses = (): Promise<Census[]> =>
    Promise.all(current().names.map((name) => current().lab.census(name)));
  beforeAll(async () => {
    const names = Array.from({ length: count }, (_, index) => `h${index + 1}`);
    fabric = new Fabric(await startLab(count), await mkdtemp(join(tmpdir(), 'plow-routed-')), names);
    // As a network has it that keeps a prefix for such guests; and ping gives up where there is no route at all.
    await fabric.onRouter('ip route add 10.55.0.0/16 dev lo');
    await fabric.router.start(routerConfig(names));
    for (const name of names) {
      await addBusyboxImage(fabric.lab, name);
      await fabric.setUp(name);
    }
    await fabric.router.established(...names.map((name) => `to_${name}`));
  });
  afterAll(async () => {
    await fabric?.lab.stop();
    if (fabric !== undefined) await rm(fabric.files, { recursive: true });
  });
  beforeEach(async () => void (before = await censuses()));
  afterEach(async ({ task }) => {
    const changed = (await censuses()).flatMap((census, index) =>
      differences(before[index] ?? census, census),
    );
    if (changed.length > 0) for (const name of current().names) await current().host(name).sweep();
    if (task.result?.state !== 'fail') expect(changed).toEqual([]);
  });
  return current;
}
