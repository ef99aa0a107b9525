import { expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import { planLines } from '../../../../src/views/plan/text.ts';
import { planVm } from '../../../../src/vm/create/plan.ts';
import type { VmPlan } from '../../../../src/vm/create/plan.ts';
import { bootDisk, cloudInit, fullMachine, minimalMachine, SECRET } from '../../machines.ts';

function planOf(machine: Machine): VmPlan {
  return planVm(
    machine,
    { arch: 'x86_64', virtType: 'kvm', baseImage: { format: 'qcow2' }, qemuUser: undefined },
    {
      uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
      createdAt: new Date('2025-01-02T03:04:05Z'),
      version: '0.1.0',
      storagePath: '/images',
    },
  );
}

/** What stands under a heading, without the bars. */
function below(lines: readonly string[], heading: string): readonly string[] {
  const rest = lines.slice(lines.indexOf(`# ${heading}`) + 1);
  const end = rest.indexOf('');
  return rest.slice(0, end < 0 ? undefined : end).map((line) => line.replace(/^\| ?/u, ''));
}

it('prints the domain as it is in the end, the volumes in their order, then the seed', () => {
  const plan = planOf(fullMachine());
  const lines = planLines(plan, false);
  expect(lines.filter((line) => line.startsWith('# '))).toStrictEqual([
    '# domain',
    '# volumes',
    '# user-data',
    '# meta-data',
    '# network-config',
  ]);
  expect(below(lines, 'domain').join('\n')).toBe(plan.domain.complete);
  expect(below(lines, 'volumes')).toStrictEqual([
    '/images/my-vm/boot.qcow2: 50 GiB, qcow2, an overlay on /images/base.qcow2',
    '/images/my-vm/data-vdb.qcow2: 100 GiB, qcow2',
    '/images/my-vm/data-vdc.qcow2: 200 GiB, qcow2',
    expect.stringMatching(/^\/images\/my-vm\/cloudinit\.iso: \d+ KiB, raw$/u),
    '/images/my-vm/console.log: 0 KiB, raw',
  ]);
});

it.each([
  ['/images/base.qcow2', 'raw, a copy of /images/base.qcow2'],
  [undefined, 'raw'],
])('tells of a raw disk with the image %s what it begins as', (image, words) => {
  const machine = minimalMachine({ bootDisk: bootDisk({ sizeGib: 3, image, format: 'raw' }) });
  expect(below(planLines(planOf(machine), false), 'volumes')).toStrictEqual([
    `/images/my-vm/boot.raw: 3 GiB, ${words}`,
    '/images/my-vm/console.log: 0 KiB, raw',
  ]);
});

it('masks a hash, and leaves out user-data into which the user wrote what looks like a secret', () => {
  const hashed = planOf(fullMachine());
  expect(planLines(hashed, false).join('\n')).not.toContain(SECRET);
  expect(below(planLines(hashed, false), 'user-data').join('\n')).toContain(
    '(a secret: --show-secrets shows it)',
  );
  expect(planLines(hashed, true).join('\n')).toContain(SECRET);
  const own = planOf(fullMachine({ provisioning: cloudInit({ runCommands: [['login', '--token=abc']] }) }));
  expect(below(planLines(own, false), 'user-data')).toStrictEqual([
    expect.stringMatching(/^\(\d+ bytes; looks as if it held a secret: --show-secrets shows it\)$/u),
  ]);
  expect(planLines(own, true).join('\n')).toContain('--token=abc');
});
