import { join } from 'node:path';
import type { Finished, Lab } from './lab.ts';

/** The machine between the hosts, which no host knows but as their router. */
export const ROUTER = 'switch';

/** The router's address, and its number among those that speak BGP. */
export const ROUTER_ADDRESS = '10.77.0.1';
export const ROUTER_AS = 65_000;

/** Only what hangs takes as long, on whatever machine. */
const PATIENCE_MS = 90_000;

/** The number of h1 is 65001, and so on. */
export const asOf = (host: string): number => ROUTER_AS + Number(host.slice(1));

/** Where a host of the lab is reached, h1 at 10.77.0.11. */
export const addressOf = (host: string): string => `10.77.0.${10 + Number(host.slice(1))}`;

/** What a host's admin has in bird.conf. @param include the line that plow network setup asks for */
export function hostConfig(host: string, include = ''): string {
  return `router id ${addressOf(host)};
protocol device { }
${include}
`;
}

/**
 * What the router of the hosts has in bird.conf.
 * @param preferred the host whose routes it takes where another has them too; none: both, a flow to each
 */
export function routerConfig(hosts: readonly string[], preferred?: string): string {
  const sessions = hosts.map(
    (host) => `protocol bgp to_${host} {
  local ${ROUTER_ADDRESS} as ${ROUTER_AS};
  neighbor ${addressOf(host)} as ${asOf(host)};
  hold time 9;
  connect retry time 1;
  connect delay time 1;
  error wait time 1, 2;
  graceful restart on;
  ipv4 { import filter { bgp_local_pref = ${host === preferred ? 200 : 100}; accept; }; export none; };
}`,
  );
  return `router id ${ROUTER_ADDRESS};
protocol device { }
protocol kernel { ${preferred === undefined ? 'merge paths on;' : ''} ipv4 { import none; export all; }; }
${sessions.join('\n')}
`;
}

/** Waits until something is so. @param what it is, for the message. @throws Error when it is not in time */
export async function until(what: string, isSo: () => Promise<boolean>, everyMs = 50): Promise<void> {
  const latest = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > latest) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** A routing daemon in a machine of the lab. It ends with the lab. */
export class Bird {
  readonly #lab: Lab;
  readonly #machine: string;
  readonly #folder: string;
  readonly #config: string;

  /** @param files a directory of the test's own, for the router, which has no private one */
  constructor(lab: Lab, machine: string, files: string) {
    this.#lab = lab;
    this.#machine = machine;
    this.#folder = machine === ROUTER ? join(files, 'bird') : '/run/bird';
    this.#config = machine === ROUTER ? join(files, 'bird', 'bird.conf') : '/etc/bird/bird.conf';
  }

  /** Starts it, and waits until it answers. It comes back as its last start left it unless told anew. */
  async start(config?: string): Promise<void> {
    if (config !== undefined) await this.#write(config);
    await this.#sh(`bird -c ${this.#config} -s ${this.#folder}/bird.ctl -P ${this.#folder}/pid`);
    await until(`bird of ${this.#machine} answers`, async () => (await this.#ask('show status')).code === 0);
  }

  /** As `systemctl stop` does: it says goodbye. */
  async stop(): Promise<void> {
    await this.birdc('down');
    await this.#gone();
  }

  /** As a crash does: it says nothing. */
  async kill(): Promise<void> {
    await this.#sh(`kill -KILL $(cat ${this.#folder}/pid)`);
    await this.#gone();
    await this.#sh(`rm ${this.#folder}/pid ${this.#folder}/bird.ctl`);
  }

  /** Gives it another configuration while it runs. */
  async configure(config: string): Promise<void> {
    await this.#write(config);
    await this.birdc('configure');
  }

  /** What it answers. @throws Error where it refuses */
  async birdc(command: string): Promise<string> {
    const { code, stdout, stderr } = await this.#ask(command);
    if (code !== 0) throw new Error(`birdc ${command} in ${this.#machine}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Waits until sessions are up, such as to_h1 of the router. */
  async established(...sessions: readonly string[]): Promise<void> {
    await until(`${sessions.join(', ')} of ${this.#machine} are up`, async () => {
      const { stdout } = await this.#ask('show protocols');
      return sessions.every((name) => new RegExp(`^${name} .* Established`, 'mu').test(stdout));
    });
  }

  #ask(command: string): Promise<Finished> {
    return this.#lab.exec(this.#machine, ['birdc', '-s', `${this.#folder}/bird.ctl`, command]);
  }

  #gone(): Promise<void> {
    const alive = ['sh', '-c', `kill -0 "$(cat ${this.#folder}/pid)"`];
    return until(
      `bird of ${this.#machine} is gone`,
      async () => (await this.#lab.exec(this.#machine, alive)).code !== 0,
    );
  }

  async #write(config: string): Promise<void> {
    await this.#sh(`mkdir -p ${this.#folder} /etc/bird; cat > ${this.#config}`, config);
  }

  async #sh(command: string, input = ''): Promise<void> {
    const { code, stderr } = await this.#lab.exec(this.#machine, ['sh', '-ec', command], { input });
    if (code !== 0) throw new Error(`${this.#machine}: ${command}: ${stderr}`);
  }
}
