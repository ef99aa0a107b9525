import { describe, expect, it } from 'vitest';
import { resultDocument } from '../../src/documents/result-schema.ts';
import { useHost } from './support.ts';
import { vm } from './vms.ts';

const host = useHost();

const nic = (ip: string): object => ({
  network_interfaces: [{ ip, gateway: '10.77.0.1', bridge: 'br0' }],
});
const LEAST = { boot_disk: { empty: true, size_gb: 1 } };

async function states(...names: readonly string[]): Promise<readonly string[]> {
  return Promise.all(names.map((name) => host().virsh(`domstate ${name}`)));
}

/** libvirt's functions behind the opening of the connection, in order. */
const callsIn = (stderr: string): readonly string[] =>
  [...stderr.matchAll(/^libvirt: \S+ (?<call>vir\w+)/gmu)]
    .map(({ groups }) => groups?.['call'] ?? '')
    .filter((call) => call !== 'virConnectOpen');

describe('VMs', () => {
  it('are suspended, resumed, forced off and started, by names, patterns and tags, several at once', async () => {
    await host().given(vm({ name: 'web-1', ...LEAST, ...nic('10.77.0.61/24'), tags: ['blue'] }));
    await host().given(vm({ name: 'web-2', ...LEAST, ...nic('10.77.0.62/24'), tags: ['blue'] }));
    await host().foreignVm('define', { name: 'other' });

    const suspended = await host().plow(['suspend', 'web-*']);
    expect(suspended).toMatchObject({ code: 0, stderr: '' });
    expect(suspended.stdout.trimEnd().split('\n').toSorted()).toEqual([
      "✓ VM 'web-1' suspended",
      "✓ VM 'web-2' suspended",
    ]);
    expect(await states('web-1', 'web-2', 'other')).toEqual(['paused', 'paused', 'shut off']);
    const resumed = await host().plow(['--verbose', 'resume', '--tag', 'blue']);
    expect(resumed.code).toBe(0);
    expect(await states('web-1', 'web-2')).toEqual(['running', 'running']);

    const paused = await host().plow(['suspend', '-q', 'web-1']);
    expect(paused).toEqual({ code: 0, stdout: '', stderr: '' });
    const mixed = await host().plow(['stop', '-o', 'json', '--force', '--all']);
    expect(mixed.code).toBe(0);
    const documents = mixed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => resultDocument.parse(JSON.parse(line)));
    expect(documents.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual([
      'other unchanged',
      'web-1 stopped',
      'web-2 stopped',
    ]);
    const started = await host().plow(['--verbose', 'start', 'web-1']);
    expect(started).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("✓ VM 'web-1' started") as unknown,
    });
    expect(callsIn(started.stderr)).toEqual([
      'virDomainLookupByName',
      'virDomainGetState',
      'virDomainGetXMLDesc',
      'virDomainCreate',
    ]);
    const again = await host().plow(['start', 'web-1', 'nosuch']);
    expect(again.code).toBe(4);
    expect(again.stderr).toContain("note: VM 'web-1' runs already\n");
    expect(again.stderr).toContain("error: VM 'nosuch' does not exist\n");
    for (const turn of ['on', 'off']) {
      const { code } = await host().plow(['autostart', turn, 'web-2']);
      expect(code).toBe(0);
      const info = await host().virsh('dominfo web-2');
      expect(info).toMatch(turn === 'on' ? /Autostart: +enable/u : /Autostart: +disable/u);
    }
    await host().sh('virsh -q undefine other');
    expect((await host().plow(['destroy', '--force', 'web-1', 'web-2'])).code).toBe(0);
  });
});

describe('a guest that ignores the power button', () => {
  it('still runs after the time it had, and is off at once by force, or by somebody else', async () => {
    await host().given(vm());
    const late = await host().plow(['stop', '--timeout', '1s', 'web']);
    expect(late.code).toBe(4);
    expect(late.stderr).toBe(
      "error: VM 'web' still runs: its guest did not shut down within 1 second\n" +
        'hint: --timeout waits longer, --force forces it off\n',
    );
    expect(await states('web')).toEqual(['running']);
    const before = await host().virsh('domid web');
    expect((await host().plow(['restart', '--force', 'web'])).stdout).toBe("✓ VM 'web' restarted\n");
    expect(await host().virsh('domid web')).not.toBe(before);

    // Woken by the event, and not by the end of ten minutes.
    const woken = await host().plowInShell(`
      : > ${host().files}/err; "$@" --verbose stop --timeout 10m web 2> ${host().files}/err &
      until grep -q virDomainShutdownFlags ${host().files}/err; do sleep 0.05; done
      virsh -q destroy web; wait $!`);
    expect(woken).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("✓ VM 'web' stopped") as unknown,
    });

    await host().virsh('start web');
    const interrupted = await host().plowInShell(`set -m
      : > ${host().files}/err; "$@" --verbose stop --timeout 10m web 2> ${host().files}/err & set +m
      until grep -q virDomainShutdownFlags ${host().files}/err; do sleep 0.05; done
      kill -INT $!; wait $!; echo $?; grep -v ^libvirt: ${host().files}/err | tail -n 1`);
    expect(interrupted.stdout).toBe(
      "130\ninterrupted by SIGINT: VM 'web' still runs, but its power button was pressed: it may go off\n",
    );
    await host().discard('web');
  });
});
