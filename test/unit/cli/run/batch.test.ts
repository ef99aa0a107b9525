import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../../src/cli/program.ts';
import { resultDocument } from '../../../../src/documents/result-schema.ts';
import type { ResultDocument } from '../../../../src/documents/result-schema.ts';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import { changed } from '../../config/sample.ts';
import { FakeHypervisor } from '../../vm/fake-hypervisor.ts';
import { fakeEnvironment } from '../environment.ts';
import type { FakeEnvironment } from '../environment.ts';

const NAMES = ['a1', 'b2', 'c3'];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-batch-'));
  for (const [index, name] of NAMES.entries()) {
    const text = changed('my-vm', name)
      .replace('10.0.0.2', `10.0.0.${index + 2}`)
      .replace(/image: .*/u, 'empty: true');
    await writeFile(
      join(folder, `${name}.yaml`),
      text.replace('bridge: br0', `bridge: br${index === 1 ? 9 : 0}`),
    );
  }
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A host with VMs of these names, made by plow and off. */
async function hostWith(...names: readonly string[]): Promise<FakeHypervisor> {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDirectory('/var/lib/libvirt/images');
  hypervisor.interfaces.set('br9', hypervisor.interfaces.get('br1') ?? never());
  for (const name of names) await runCli(['create', `${folder}/${name}.yaml`], fakeEnvironment(hypervisor));
  hypervisor.interfaces.delete('br9');
  return hypervisor;
}

function never(): never {
  throw new Error('there is a br1');
}

function results({ stdout }: FakeEnvironment): readonly ResultDocument[] {
  return stdout.map((line) => resultDocument.parse(JSON.parse(line)));
}

/** Has plow interrupted at some call of its kind. */
function interruptedAt(hypervisor: FakeHypervisor, call: string, count: number): FakeEnvironment {
  const controller = new AbortController();
  let seen = 0;
  hypervisor.fault = (name) => {
    if (name === call && (seen += 1) === count) controller.abort(new Interrupted('SIGINT'));
    return undefined;
  };
  const interruptible = () => ({ signal: controller.signal, making: () => {}, settled: () => {} });
  return { ...fakeEnvironment(hypervisor), interruptible };
}

describe('create of several files', () => {
  it('makes nothing where one of them has a mistake, and tells all of all', async () => {
    const environment = fakeEnvironment(await hostWith());
    await writeFile(join(folder, 'wrong.yml'), changed('vcpus: 2', 'vcpus: no').replace('my-vm', 'a1'));
    const creating = runCli(['create', folder, `${folder}/nosuch.yaml`], environment);
    await expect(creating).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(
        /wrong\.yml:1:7: name: a1 is already[^]*wrong\.yml:2:8: vcpus: [^]*nosuch\.yaml: cannot be read: no such file$/u,
      ) as unknown,
    });
    await rm(join(folder, 'wrong.yml'));
    expect(environment.connections).toStrictEqual([]);
  });

  it('makes one after the other over one connection, and goes on after one that fails', async () => {
    const hypervisor = await hostWith();
    const environment = fakeEnvironment(hypervisor);
    await expect(runCli(['create', folder], environment)).rejects.toMatchObject({
      kind: 'validation',
      message: '1 of 3 VMs were not created: b2',
    });
    expect(environment.stdout.filter((line) => line.startsWith('Success'))).toStrictEqual([
      "Successfully created VM 'a1'",
      "Successfully created VM 'c3'",
    ]);
    expect(environment.stderr.join('\n')).toContain("bridge 'br9'");
    expect([...hypervisor.domains.keys()]).toStrictEqual(['a1', 'c3']);
    expect(environment.connections).toStrictEqual(['qemu:///system', 'closed']);
  });

  it('as JSON prints a line for each, and nothing else', async () => {
    const environment = fakeEnvironment(await hostWith('c3'));
    await expect(runCli(['create', '--if-not-exists', '-o', 'json', folder], environment)).rejects.toThrow(
      '1 of 3 VMs were not created: b2',
    );
    expect(environment.stderr).toStrictEqual([]);
    expect(results(environment)).toMatchObject([
      { action: 'create', name: 'a1', status: 'created', addresses: ['10.0.0.2'], left: [], error: null },
      {
        name: 'b2',
        uuid: null,
        status: 'failed',
        addresses: ['10.0.0.3'],
        error: {
          kind: 'validation',
          exit_code: 2,
          hint: null,
          detail: null,
          mistakes: [{ file: `${folder}/b2.yaml`, key: 'network_interfaces[0].bridge' }],
        },
      },
      { name: 'c3', status: 'exists', notes: ["VM 'c3' exists already: nothing was made"] },
    ]);
  });

  it('takes back what is under way when it is interrupted, and says what was not begun', async () => {
    const hypervisor = await hostWith();
    const environment = interruptedAt(hypervisor, 'defineDomain', 1);
    const files = ['c3', 'a1', 'b2'].map((name) => `${folder}/${name}.yaml`);
    await expect(runCli(['create', ...files], environment)).rejects.toBeInstanceOf(Interrupted);
    expect(environment.stderr).toStrictEqual([
      "VM 'c3': all was taken back",
      'not created: c3; not begun: a1, b2',
    ]);
    expect([...hypervisor.domains.keys()]).toStrictEqual([]);
  });

  it('keeps what is complete when it is interrupted', async () => {
    const hypervisor = await hostWith();
    const environment = interruptedAt(hypervisor, 'defineDomain', 2);
    const files = ['a1', 'c3', 'b2'].map((name) => `${folder}/${name}.yaml`);
    await expect(runCli(['create', '-o', 'json', ...files], environment)).rejects.toBeInstanceOf(Interrupted);
    expect(results(environment).map(({ name, status }) => `${name} ${status}`)).toStrictEqual([
      'a1 created',
      'c3 interrupted',
      'b2 not begun',
    ]);
    expect([...hypervisor.domains.keys()]).toStrictEqual(['a1']);
  });

  it('quietly says nothing but errors', async () => {
    const environment = fakeEnvironment(await hostWith());
    await expect(runCli(['create', '-q', folder], environment)).rejects.toThrow('1 of 3 VMs');
    expect(environment.stdout).toStrictEqual([]);
    expect(environment.stderr).toStrictEqual([expect.stringMatching(/^error: .*bridge 'br9'/u)]);
  });

  it('dry prints a plan for each, and goes on after one that fails', async () => {
    const environment = fakeEnvironment(await hostWith());
    await expect(runCli(['create', '--dry-run', '-o', 'json', folder], environment)).rejects.toMatchObject({
      kind: 'validation',
      message: '1 of 3 VMs cannot be made so',
    });
    const plans = environment.stdout.map((text) => JSON.parse(text) as { name: string });
    expect(plans.map(({ name }) => name)).toStrictEqual(['a1', 'c3']);
  });

  it('dry as JSON says in the one error what is wrong with each, and prints a document for each other', async () => {
    const environment = fakeEnvironment(await hostWith('c3'));
    const argv = ['create', '--dry-run', '--if-not-exists', '-o', 'json', folder];
    const place = { file: `${folder}/b2.yaml`, key: 'network_interfaces[0].bridge' };
    await expect(runCli(argv, environment)).rejects.toMatchObject({ mistakes: [place] });
    const [plan, existing] = environment.stdout.map((text): unknown => JSON.parse(text));
    expect(plan).toMatchObject({ name: 'a1', domain: expect.any(String) as unknown });
    expect(existing).toStrictEqual({ version: 1, name: 'c3', exists: true });
    expect(environment.stderr.join('\n')).not.toContain('error: ');
  });

  it('dry as JSON has the words of libvirt where no file is to blame', async () => {
    const hypervisor = await hostWith('c3');
    hypervisor.fault = (call) => (call === 'findDomain' ? 'other' : undefined);
    const argv = ['create', '--dry-run', '--if-not-exists', '-o', 'json', folder];
    await expect(runCli(argv, fakeEnvironment(hypervisor))).rejects.toMatchObject({
      message: '3 of 3 VMs cannot be made so',
      detail: expect.stringMatching(/^(?:findDomain: .*\n?){3}$/u) as unknown,
      mistakes: NAMES.map((name) => ({ file: `${folder}/${name}.yaml`, message: 'cannot look up the VM' })),
    });
  });
});

/** What a destroy prints. */
function destroyed(name: string): readonly string[] {
  return [
    `Destroying VM '${name}'...`,
    '✓ VM stopped',
    '✓ Domain undefined',
    '✓ Storage removed',
    `Successfully destroyed VM '${name}'`,
  ];
}

describe('destroy of several VMs', () => {
  it('tells of each in one piece, and goes on after one that there is not', async () => {
    const hypervisor = await hostWith('a1', 'c3');
    const environment = fakeEnvironment(hypervisor);
    await expect(runCli(['destroy', 'a1', 'nosuch', 'c3', 'a1'], environment)).rejects.toMatchObject({
      kind: 'operation',
      message: '1 of 3 VMs were not destroyed: nosuch',
    });
    expect(environment.stdout).toStrictEqual([...destroyed('a1'), ...destroyed('c3')]);
    expect(environment.stderr[0]).toBe("error: VM 'nosuch' does not exist");
    expect(hypervisor.census()).toStrictEqual((await hostWith()).census());
    expect(environment.connections).toStrictEqual(['qemu:///system', 'closed']);
  });

  it('takes a name and a UUID of one VM for one', async () => {
    const hypervisor = await hostWith('a1');
    const uuid = (await hypervisor.findDomain('a1'))?.uuid ?? '';
    const environment = fakeEnvironment(hypervisor);
    expect(await runCli(['destroy', '-o', 'json', uuid, 'a1'], environment)).toBe(0);
    expect(results(environment)).toStrictEqual([
      {
        version: 1,
        action: 'destroy',
        name: 'a1',
        uuid,
        status: 'destroyed',
        addresses: ['10.0.0.2'],
        left: [],
        notes: [],
        error: null,
      },
    ]);
  });

  it.each([
    [['web'], 0],
    [['web', 'db'], 0],
  ])('with --if-exists is content where %j is not there, and says so', async (names, code) => {
    const environment = fakeEnvironment(await hostWith());
    expect(await runCli(['destroy', '--if-exists', ...names], environment)).toBe(code);
    expect(environment.stdout).toStrictEqual([]);
    expect(environment.stderr).toStrictEqual(
      names.map((name) => `note: VM '${name}' does not exist: nothing to destroy`),
    );
  });

  it('waits for all guests at once, and looks at files for one VM after the other', async () => {
    const hypervisor = await hostWith('a1', 'b2', 'c3');
    const before = hypervisor.calls.length;
    await runCli(['destroy', '--yes', 'a1', 'b2', 'c3'], fakeEnvironment(hypervisor));
    const calls = hypervisor.calls.slice(before);
    const stopped = calls.lastIndexOf('Domain.shutdown');
    expect(stopped).toBeLessThan(calls.indexOf('Domain.undefine'));
    expect(calls.filter((call) => call === 'Domain.shutdown')).toHaveLength(3);
    // For each VM a look at the disks of those that are still there, before it is gone.
    const looks = calls.filter((call) => /^(?:startPool|Domain\.undefine)/u.test(call)).join(' ');
    const twoLooks = '(?:startPool )+Domain.undefine (?:startPool )+Domain.undefine ';
    expect(looks).toMatch(new RegExp(`^${twoLooks}startPool Domain.undefine startPool$`, 'u'));
  });

  it('begins no other when it is interrupted, and says what became of each', async () => {
    const hypervisor = await hostWith('a1', 'b2', 'c3');
    const environment = interruptedAt(hypervisor, 'Domain.undefine', 1);
    await expect(runCli(['destroy', 'a1', 'b2', 'c3'], environment)).rejects.toBeInstanceOf(Interrupted);
    expect(environment.stderr).toStrictEqual([
      "VM 'b2' is off, and all its files are there",
      "VM 'c3' is off, and all its files are there",
      'destroyed: a1; not destroyed: b2, c3',
    ]);
    expect([...hypervisor.domains.keys()]).toStrictEqual(['b2', 'c3']);
  });

  it('as JSON says so of one that is interrupted, and how things stand', async () => {
    const hypervisor = await hostWith('a1', 'b2');
    const environment = interruptedAt(hypervisor, 'Domain.undefine', 1);
    await expect(runCli(['destroy', '-o', 'json', 'a1', 'b2'], environment)).rejects.toBeInstanceOf(
      Interrupted,
    );
    expect(results(environment)).toMatchObject([
      { name: 'a1', status: 'destroyed', notes: [] },
      {
        name: 'b2',
        status: 'interrupted',
        notes: ["interrupted by SIGINT: VM 'b2' is off, and all its files are there"],
      },
    ]);
  });

  it('begins no other when the connection breaks', async () => {
    const hypervisor = await hostWith('a1');
    hypervisor.fault = (call) => (call === 'Domain.state' ? 'disconnected' : undefined);
    const environment = fakeEnvironment(hypervisor);
    await expect(runCli(['destroy', '-o', 'json', 'a1'], environment)).rejects.toMatchObject({
      kind: 'connection',
    });
    expect(results(environment)).toMatchObject([{ status: 'failed', error: { exit_code: 3 } }]);
  });

  it('as JSON has the words of libvirt and the UUID of each that could not be destroyed', async () => {
    const hypervisor = await hostWith('a1', 'c3');
    const vms = await Promise.all(['a1', 'c3'].map((name) => hypervisor.findDomain(name)));
    const uuids = vms.map((vm) => vm?.uuid);
    hypervisor.fault = (call) => (call === 'Domain.undefine' ? 'other' : undefined);
    for (const names of [['a1', 'c3'], ['a1']]) {
      const environment = fakeEnvironment(hypervisor);
      await expect(runCli(['destroy', '-o', 'json', ...names], environment)).rejects.toMatchObject({
        kind: 'operation',
      });
      expect(results(environment)).toMatchObject(
        names.map((name, index) => ({
          name,
          uuid: uuids[index],
          status: 'failed',
          error: { detail: expect.stringContaining('Domain.undefine') as unknown, mistakes: [] },
        })),
      );
    }
  });
});
