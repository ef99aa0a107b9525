import { mkdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { resultDocument } from '../../src/documents/result-schema.ts';
import { useHost } from './support.ts';
import { created, destroyed, SLOW, vm } from './vms.ts';

const host = useHost();

/** Writes the files of VMs into a directory of their own, called as the VMs are. @returns the directory */
async function filesOf(folder: string, vms: Readonly<Record<string, object>>): Promise<string> {
  await mkdir(`${host().files}/${folder}`, { recursive: true });
  for (const [index, [name, changes]] of Object.entries(vms).entries()) {
    const ip = `10.77.0.${70 + index}/24`;
    const network_interfaces = [{ ip, gateway: '10.77.0.1', bridge: 'br0' }];
    await host().write(vm({ name, network_interfaces, ...changes }), `${folder}/${name}.yaml`);
  }
  return `${host().files}/${folder}`;
}

function documents(stdout: string): readonly ReturnType<typeof resultDocument.parse>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => resultDocument.parse(JSON.parse(line)));
}

const countOf = (call: string, stderr: string): number =>
  stderr.match(new RegExp(`\\b${call}\\b`, 'gu'))?.length ?? 0;

describe('several VMs', () => {
  it('are made from a directory and standard input, and destroyed in one grace by name and UUID', async () => {
    const folder = await filesOf('pair', { a1: {}, a2: {}, a3: {} });
    const { stdout } = await host().plowInShell(
      `mv ${folder}/a3.yaml ${folder}/a3; "$@" create ${folder} - < ${folder}/a3; echo "exit code $?"`,
    );
    expect(stdout).toBe(`${created('a1')}${created('a2')}${created('a3')}exit code 0\n`);
    const again = await host().plow(['create', '--if-not-exists', '-o', 'json', `${folder}/a1.yaml`]);
    const uuid = await host().virsh('domuuid a1');
    expect(documents(again.stdout)).toMatchObject([{ name: 'a1', uuid, status: 'exists' }]);
    const shown = await host().plow(['show', uuid]);
    expect(shown.stdout).toMatch(/^Name: {8}a1$/mu);

    const gone = await host().plow(['--verbose', 'destroy', '--timeout', '8s', 'a2', uuid, 'nosuch', 'a3']);
    expect(gone.code).toBe(4);
    // All are asked before the plug of the first is pulled.
    const calls = gone.stderr.match(/\bvirDomain(?:ShutdownFlags|Destroy)\b/gu);
    expect(calls).toEqual([
      ...Array<string>(3).fill('virDomainShutdownFlags'),
      ...Array<string>(3).fill('virDomainDestroy'),
    ]);
    const blocks = gone.stdout.replaceAll(/ \(\d+\.\d+ s\)$/gmu, '').split(/(?<=^Successfully.*\n)/mu);
    expect(blocks.toSorted()).toEqual([destroyed('a1'), destroyed('a2'), destroyed('a3')]);
    expect(gone.stderr).toContain("error: VM 'nosuch' does not exist\n");
    expect(gone.stderr).toContain('error: 1 of 4 VMs were not destroyed: nosuch\n');
    expect(countOf('virConnectOpen', gone.stderr)).toBe(1);
    expect(countOf('virConnectDomainEventRegisterAny', gone.stderr)).toBe(1);
  });

  it('are told of as documents, and forced off at once where it is wished', async () => {
    const folder = await filesOf('json', { web: {}, db: {} });
    const made = await host().plow(['create', '-o', 'json', folder]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(documents(made.stdout)).toMatchObject([
      { action: 'create', name: 'db', status: 'created', addresses: ['10.77.0.71'], left: [], error: null },
      { action: 'create', name: 'web', status: 'created', addresses: ['10.77.0.70'], left: [], error: null },
    ]);
    await host().sh('echo keep > /var/lib/libvirt/images/web/notes.txt');
    const gone = await host().plow(['--verbose', 'destroy', '--force', '-o', 'json', 'web', 'db']);
    expect(gone.code).toBe(0);
    expect(countOf('virDomainDestroy', gone.stderr)).toBe(2);
    expect(countOf('virDomainShutdownFlags', gone.stderr)).toBe(0);
    const told = documents(gone.stdout).toSorted((one, other) =>
      String(one.name).localeCompare(String(other.name)),
    );
    expect(told).toMatchObject([
      { action: 'destroy', name: 'db', status: 'destroyed', addresses: ['10.77.0.71'], left: [] },
      {
        name: 'web',
        left: [
          {
            what: '/var/lib/libvirt/images/web/notes.txt',
            why: expect.stringContaining('not made by plow') as unknown,
          },
        ],
      },
    ]);
    await host().sh('rm -r /var/lib/libvirt/images/web');
    expect(await host().plow(['destroy', '--if-exists', '-q', 'web', 'db'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('are kept where they are complete, and taken back where they are not, when a create is interrupted', async () => {
    const folder = await filesOf('slow', { b1: {}, b2: SLOW, b3: {} });
    const result = await host().plowInShell(`set -m
      "$@" create ${folder} & set +m; until [ -e /etc/libvirt/qemu/b2.xml ]; do :; done; kill -INT $!; wait $!`);
    expect(result.code).toBe(130);
    expect(result.stderr).toContain('created: b1; not created: b2; not begun: b3\n');
    expect(await host().virsh('list --all --name')).toBe('b1');
    await host().discard('b1');
  });
});

describe('a destroy of a guest that ignores the power button', () => {
  it('asks for its state twice, and is interrupted at once', async () => {
    await host().given(vm());
    const result = await host().plowInShell(`set -m
      : > ${host().files}/err; "$@" --verbose destroy --timeout 10m web 2> ${host().files}/err & set +m
      until grep -q virDomainShutdownFlags ${host().files}/err; do sleep 0.05; done
      kill -INT $!; timeout 3 tail --pid $! -f /dev/null; echo "waited $?"; wait $!`);
    expect(result.code).toBe(130);
    expect(result.stdout).toBe("Destroying VM 'web'...\nwaited 0\n");
    expect(await host().virsh('domstate web')).toBe('running');
    const { code, stderr } = await host().plow(['--verbose', 'destroy', '--timeout', '2s', 'web']);
    expect(code).toBe(0);
    expect(stderr).toContain('note: the guest did not shut down within 2 seconds: forced off\n');
    // When it begins, and when the time is over.
    expect(countOf('virDomainGetState', stderr)).toBe(2);
  });
});

describe('destroy on a terminal', () => {
  it('asks about a VM that runs, and does nothing unless the answer is yes', async () => {
    await host().given(vm());
    const { stdout } = await host().plowInShell(`
      run() { printf "$1\\n" | script -qec "$2" /dev/null; echo "exit code $?"; }
      destroy=$(printf '%q ' "$@" destroy web)
      run n "$destroy"; virsh -q domstate web; run y "$destroy --timeout 0"; virsh -q list --all --name`);
    const lines = stdout.replaceAll('\r', '').split('\n');
    expect(lines.filter((line) => line.includes("VM 'web' runs."))).toHaveLength(2);
    expect(stdout).toContain('Destroy it with its disks? [y/N] ');
    expect(stdout).toContain('error: nothing was destroyed: the answer was not yes');
    expect(lines.filter((line) => line.startsWith('exit code'))).toEqual(['exit code 4', 'exit code 0']);
    expect(lines).toContain('running');
    expect(stdout).toContain("Successfully destroyed VM 'web'");
  });
});
