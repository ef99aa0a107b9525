import { describe, expect, it } from 'vitest';
import type { ImageNeeds, Machine } from '../../../../src/config/machine.ts';
import { HypervisorError } from '../../../../src/errors/hypervisor-error.ts';
import { readHostCpu, readHostModel } from '../../../../src/libvirt-xml/read/cpu-model.ts';
import type { CpuModel } from '../../../../src/libvirt-xml/read/cpu-model.ts';
import { inspectImageNeeds, lackingIn } from '../../../../src/vm/image/needs.ts';
import { bootDisk, cloudInit, minimalMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import { inspectionOf } from '../inspection.ts';

const KVM = { arch: 'x86_64', virtType: 'kvm' } as const;
const CPU = (inner: string): string =>
  `<domainCapabilities><cpu><mode name='host-model' supported='yes'>${inner}</mode></cpu></domainCapabilities>`;

interface Said {
  readonly mistakes: readonly string[];
  readonly notes: readonly string[];
}

async function said(
  needs: Partial<ImageNeeds>,
  changes: Partial<Machine> = {},
  answers: { readonly ofDomains?: string; readonly ofHost?: string } = {},
): Promise<Said> {
  const known = {
    name: 'a',
    version: '1',
    digest: undefined,
    path: '/a',
    needs: { provisioning: 'cloud-init', ...needs },
  } as const;
  const machine = minimalMachine({ bootDisk: bootDisk({ known }), firmware: 'uefi', ...changes });
  const context = testContext();
  const told = { diagnostics: [], notChecked: [] };
  const notes: string[] = [];
  const inspection = inspectionOf(context, told);
  const source = {
    capabilities: async () => answers.ofHost ?? '<capabilities/>',
    domainCapabilities: async () => {
      if (answers.ofDomains === undefined)
        throw new HypervisorError('for looking', { reason: 'forbidden', call: 'x', code: 29, domain: 0 });
      return answers.ofDomains;
    },
  };
  Object.assign(inspection.questions, { source });
  await inspectImageNeeds(machine, KVM, {
    ...inspection,
    doubt: (path, text) => notes.push(`${path.join('.')}: ${text}`),
  });
  return { mistakes: told.diagnostics, notes };
}

describe('what an image needs', () => {
  it('is a mistake where the VM could not boot', async () => {
    expect(await said({ firmware: 'uefi' }, { firmware: 'bios' })).toStrictEqual({
      mistakes: ['firmware: a@1 cannot boot with bios: it needs uefi'],
      notes: [],
    });
    const old = CPU("<model>IvyBridge-IBRS</model><feature policy='require' name='f16c'/>");
    expect(await said({ cpu: 'x86-64-v3' }, {}, { ofDomains: old })).toStrictEqual({
      mistakes: [
        'cpu_mode: a@1 cannot boot: it runs on x86-64-v3 and later, and the CPU of this hypervisor has no avx2',
      ],
      notes: [],
    });
  });

  it('is a note where it could', async () => {
    const { notes, mistakes } = await said(
      { provisioning: 'ignition', seedBus: 'scsi' },
      { provisioning: cloudInit({ bus: 'sata' }) },
    );
    expect(mistakes).toStrictEqual([]);
    expect(notes).toStrictEqual([
      'cloud_init: a@1 takes Ignition, and is likely to read nothing of a cloud-init seed',
      'cloud_init.bus: a@1 may see no seed on sata: it is known to want it on scsi',
    ]);
  });

  it('is nothing where it is so, or nobody can tell', async () => {
    const nothing = { mistakes: [], notes: [] };
    const fits = CPU('<model>Skylake-Client-noTSX-IBRS</model>');
    expect(await said({ firmware: 'uefi', cpu: 'x86-64-v3' }, {}, { ofDomains: fits })).toStrictEqual(
      nothing,
    );
    expect(await said({ cpu: 'x86-64-v3' })).toStrictEqual(nothing);
    expect(await said({ seedBus: 'scsi' }, { provisioning: cloudInit({ bus: 'virtio' }) })).toStrictEqual(
      nothing,
    );
    expect(await said({ provisioning: 'ignition' })).toStrictEqual(nothing);
  });

  it('counts the processor where libvirt does not tell what QEMU can give', async () => {
    const ofHost =
      '<capabilities><host><cpu><arch>x86_64</arch><model>Nehalem</model></cpu></host></capabilities>';
    expect((await said({ cpu: 'x86-64-v3' }, {}, { ofHost })).mistakes).toHaveLength(1);
    expect((await said({ cpu: 'x86-64-v2' }, {}, { ofHost })).mistakes).toStrictEqual([]);
  });
});

function model(inner: string): CpuModel {
  const found = readHostModel(CPU(inner));
  if (found === undefined) throw new Error('no model');
  return found;
}

describe('a CPU', () => {
  it.each([
    ['<model>EPYC</model>', undefined],
    ["<model>EPYC</model><feature policy='disable' name='bmi2'/>", 'bmi2'],
    ['<model>qemu64</model>', 'avx2'],
    ["<model>kvm64</model><feature policy='require' name='avx2'/><feature name='bmi2'/>", undefined],
    ['<model>Opteron_G5</model>', 'avx2'],
    ['<model>Haswell-noTSX</model>', undefined],
    ['<model>OfTheFuture</model>', undefined],
  ])('%s lacks for x86-64-v3: %s', (inner, lacking) => {
    expect(lackingIn(model(inner), 'x86-64-v3')).toBe(lacking);
  });

  it.each([
    ['<model>Penryn</model>', 'sse4.2'],
    ['<model>Nehalem</model>', undefined],
    ['<model>SandyBridge-IBRS</model>', undefined],
  ])('%s lacks for x86-64-v2: %s', (inner, lacking) => {
    expect(lackingIn(model(inner), 'x86-64-v2')).toBe(lacking);
  });

  it('is not known where nothing tells of it, or it is of another architecture', () => {
    expect(readHostModel('<domainCapabilities/>')).toBeUndefined();
    expect(readHostModel(CPU('<model/>'))).toBeUndefined();
    const arm = '<capabilities><host><cpu><arch>aarch64</arch><model>x</model></cpu></host></capabilities>';
    expect(readHostCpu(arm)).toBeUndefined();
  });
});
