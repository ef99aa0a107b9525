import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HypervisorError } from '../../../../src/errors/hypervisor-error.ts';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import { Verdict } from '../../../../src/errors/verdict.ts';
import { presentVm } from '../../../../src/vm/list/unknown-vm.ts';
import type { Condition } from '../../../../src/vm/wait/evidence.ts';
import { waitForVm } from '../../../../src/vm/wait/wait.ts';
import type { Reached } from '../../../../src/vm/wait/wait.ts';
import { inTurn } from '../../../../src/vm/wait/turns.ts';
import { Watcher } from '../../../../src/vm/wait/watcher.ts';
import { cloudInit, minimalMachine } from '../../machines.ts';
import { whileTimePasses } from '../../time.ts';
import type { TestContext } from '../context.ts';
import { contextWith } from '../export/vms.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.restoreAllMocks().useRealTimers());

const LOG = '/images/web/console.log';
const FINISHED =
  'Cloud-init v. 22.4.2 finished at Fri, 02 Jan 2026 03:04:05 +0000. Datasource DataSourceNoCloud.  Up 40.00 seconds\r\n';

/** A VM that runs, and what is in its console log. */
function vm(log: string | undefined): TestContext {
  const context = contextWith(minimalMachine({ name: 'web', provisioning: cloudInit() }));
  const { hypervisor } = context;
  const web = hypervisor.domains.get('web');
  if (web !== undefined) web.state = 'running';
  hypervisor.status = { reason: 'booted', cpuSeconds: 10 };
  hypervisor.bytesRead = 500_000_000;
  if (log !== undefined) write(context, log);
  return context;
}

function write({ hypervisor }: TestContext, log: string): void {
  hypervisor.directories.get('/images/web')?.set('console.log', `raw ${log.length}`);
  hypervisor.contents.set(LOG, new TextEncoder().encode(log));
}

async function waited(
  context: TestContext,
  condition: Condition,
  withinMs = 5000,
): Promise<Reached | { verdict: string; message: string; lastLines: readonly string[] }> {
  const domain = await presentVm('web', context.hypervisor);
  context.hypervisor.calls.length = 0;
  try {
    return await whileTimePasses(waitForVm(domain, { condition, withinMs }, context));
  } catch (error) {
    if (!(error instanceof Verdict)) throw error;
    const { verdict, message, lastLines } = error;
    return { verdict, message, lastLines };
  }
}

const FIRST_LOOK = [
  'watchDomains',
  'Domain.status',
  'Domain.state',
  'Domain.xml',
  'findPoolByPath',
  'startPool',
  'Pool.volumeNames',
  'Pool.findVolume',
  'Volume.xml',
  'Volume.part',
  'Pool.stop',
  'Domain.bytesRead',
];
/** That there is no pool is known from the look before. */
const LOOK_AGAIN = ['startPool', 'Pool.findVolume', 'Volume.part', 'Pool.stop'];

describe('a look', () => {
  it('costs a call for the state, four for the console, and two for addresses until ssh answers', async () => {
    const context = vm('');
    setTimeout(() => {
      write(context, FINISHED);
      context.hypervisor.answer = { port22: 'ssh', hostKeys: undefined, neighbour: undefined };
    }, 500);
    expect(await waited(context, 'cloud-init')).toMatchObject({ step: 'done' });
    expect(context.hypervisor.calls).toEqual([
      ...FIRST_LOOK,
      'Domain.xml',
      'Domain.seenAddresses',
      'Domain.state',
      ...LOOK_AGAIN,
      'Domain.xml',
      'Domain.seenAddresses',
    ]);
    expect(context.hypervisor.pools.size).toBe(0);
  });

  it('costs the state alone where nothing in the guest is awaited', async () => {
    const context = vm(FINISHED);
    await waited(context, 'running');
    expect(context.hypervisor.calls).toEqual(['watchDomains', 'Domain.status', 'Domain.state']);
  });

  it('asks for what was read of the disks while the console is silent', async () => {
    const context = vm('');
    context.hypervisor.bytesRead = 512;
    expect(await waited(context, 'ssh', 60_000)).toMatchObject({ verdict: 'nothing-to-boot' });
    expect(context.hypervisor.calls.filter((call) => call === 'Domain.bytesRead')).toHaveLength(11);
  });
});

it('leaves it to UEFI to say that there is nothing to boot: under emulation it may be slow to read anything', async () => {
  const context = vm('');
  const web = context.hypervisor.domains.get('web');
  if (web !== undefined) web.xml = web.xml.replace('<os>', "<os firmware='efi'>");
  context.hypervisor.bytesRead = 512;
  expect(await waited(context, 'ssh', 60_000)).toMatchObject({ verdict: 'timeout' });
});

/** A VM that answers to ssh, whose agent is connected, and whose console says nothing of cloud-init. */
function withAgent(): TestContext {
  const context = vm('Linux version 6.1\r\n');
  const web = context.hypervisor.domains.get('web');
  if (web !== undefined) web.xml = web.xml.replace('name="org.qemu.guest_agent.0"', '$& state="connected"');
  context.hypervisor.answer = { port22: 'ssh', hostKeys: undefined, neighbour: undefined };
  return context;
}

describe('a wait', () => {
  it('says each step, and ends with the last lines of the console when its time is over', async () => {
    const context = vm('BdsDxe: starting\r\nLinux version 6.1\r\nWelcome to Debian!\r\n');
    const late = await waited(context, 'ssh', 2500);
    expect(late).toEqual({
      verdict: 'timeout',
      message:
        "it could not be told within 2.5 seconds that VM 'web' answers to ssh; the furthest seen: it has its system up",
      lastLines: ['BdsDxe: starting', 'Linux version 6.1', 'Welcome to Debian!'],
    });
    expect(context.progress.lines).toEqual(["done: VM 'web' has its system up"]);
  });

  it('hears that the VM stopped, and of what comes on its console meanwhile', async () => {
    const context = vm('Linux version 6.1\r\n');
    setTimeout(() => write(context, `Linux version 6.1\r\nSomething ends\r\n`), 3000);
    setTimeout(() => {
      const web = context.hypervisor.domains.get('web');
      if (web !== undefined) web.state = 'shut off';
      context.hypervisor.status = { ...context.hypervisor.status, reason: 'destroyed' };
      for (const queue of context.hypervisor.queues)
        queue.add({ name: 'web', uuid: '00000000-0000-4000-8000-000000000099', kind: 'stopped' });
    }, 4100);
    expect(await waited(context, 'ssh', 60_000)).toMatchObject({
      verdict: 'stopped',
      message: "VM 'web' stopped meanwhile (destroyed)",
      lastLines: ['Linux version 6.1', 'Something ends'],
    });
  });

  it('does without a console that nobody keeps', async () => {
    const context = vm(undefined);
    const web = context.hypervisor.domains.get('web');
    if (web !== undefined) web.xml = web.xml.replace(/<log [^>]*>/u, '');
    expect(await waited(context, 'cloud-init', 200_000)).toMatchObject({ verdict: 'no-console' });
    context.hypervisor.answer = { port22: 'ssh', hostKeys: undefined, neighbour: undefined };
    expect(await waited(context, 'ssh')).toMatchObject({ step: 'ssh' });
  });

  it.each([
    ['cloud-init', 3],
    ['ssh', 0],
  ] as const)(
    'asks the agent where the console does not tell, for %s: %i calls',
    async (condition, calls) => {
      const context = withAgent();
      const status = { v1: { 'modules-final': { errors: [], finished: 1 } } };
      const read = { 'buf-b64': Buffer.from(JSON.stringify(status)).toString('base64') };
      context.hypervisor.askAgent = (command) =>
        JSON.stringify({ return: command.includes('guest-file-read') ? read : 7 });
      await waited(context, condition);
      expect(context.hypervisor.calls.filter((call) => call === 'Domain.askAgent')).toHaveLength(calls);
    },
  );

  it('asks an agent that is silent once in a minute', async () => {
    const context = withAgent();
    expect(await waited(context, 'cloud-init', 130_000)).toMatchObject({ verdict: 'timeout' });
    expect(context.hypervisor.calls.filter((call) => call === 'Domain.askAgent')).toHaveLength(3);
  });

  it('reads a console at the next look that could not be read at the first', async () => {
    const context = vm(
      '[  1.0] cloud-init[1]: ci-info: |  eth0  | True | 10.20.30.40 | 255.255.255.0 | global | be:ef:0a:14:1e:28 |\r\n',
    );
    const failing = vi.spyOn(context.hypervisor, 'startPool');
    failing.mockRejectedValueOnce(
      new HypervisorError('no', { reason: 'other', call: 'virStoragePoolCreateXML', code: 1, domain: 18 }),
    );
    expect(await waited(context, 'address')).toMatchObject({ step: 'address' });
  });

  it('takes nothing for the boot under way that an older one has said', async () => {
    const context = vm(`[   40.000000] Linux\r\n${FINISHED}`);
    context.hypervisor.status = { reason: 'booted', cpuSeconds: 1 };
    expect(await waited(context, 'cloud-init', 1500)).toMatchObject({ verdict: 'timeout' });
    context.hypervisor.status = { reason: 'restored', cpuSeconds: 1 };
    expect(await waited(context, 'cloud-init', 1500)).toMatchObject({ step: 'done' });
  });

  it('is not held up by what it asks last, but hears an interruption meanwhile', async () => {
    const never = vm('Linux version 6.1\r\n');
    vi.spyOn(Watcher.prototype, 'readConsole').mockReturnValue(new Promise(() => {}));
    vi.spyOn(Watcher.prototype, 'lacksGateway').mockReturnValue(new Promise(() => {}));
    expect(await waited(never, 'ssh', 1500)).toMatchObject({ verdict: 'timeout' });
    const over = new AbortController();
    const context = { ...vm('Linux version 6.1\r\n'), signal: over.signal };
    setTimeout(() => over.abort(new Interrupted('SIGINT')), 2500);
    await expect(waited(context, 'ssh', 1500)).rejects.toThrow('interrupted by SIGINT');
  });

  it('reads the last MiB of a console, and of at most 16 VMs at once', async () => {
    const context = vm(`${FINISHED}${'\n'.repeat(2 * 1024 * 1024)}Linux version 6.1\r\n`);
    expect(await waited(context, 'cloud-init', 1500)).toMatchObject({ verdict: 'timeout' });
    let [now, most] = [0, 0];
    await whileTimePasses(
      Promise.all(
        Array.from({ length: 50 }, () =>
          inTurn(context, async () => {
            most = Math.max(most, (now += 1));
            await new Promise((resolve) => setTimeout(resolve, 10));
            now -= 1;
          }),
        ),
      ),
    );
    expect([now, most]).toEqual([0, 16]);
  });

  it('shows no password that cloud-init made', async () => {
    const context = vm(
      "Linux version 6.1\r\nSet the following 'random' passwords\r\n\r\nroot:R4nd0mPw99\r\n[    9.100000] web:S3cret\r\n" +
        `+ usermod -p $6$salt$${'aB3'.repeat(28)} root\r\nweb:unended`,
    );
    expect(await waited(context, 'ssh', 1500)).toMatchObject({
      lastLines: [
        'Linux version 6.1',
        "Set the following 'random' passwords",
        'root:***',
        '[    9.100000] web:***',
        '+ usermod -p *** root',
        'web:***',
      ],
    });
  });

  it('ends at once when it is interrupted, and leaves no pool', async () => {
    const over = new AbortController();
    const context = { ...vm('Linux version 6.1\r\n'), signal: over.signal };
    setTimeout(() => over.abort(new Interrupted('SIGINT')), 3500);
    await expect(waited(context, 'ssh', 60_000)).rejects.toThrow(
      "interrupted by SIGINT: VM 'web' goes on as it was",
    );
    expect(context.hypervisor.pools.size).toBe(0);
  });
});
