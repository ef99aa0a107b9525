import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import { examine, verdict } from '../../../../src/vm/doctor/examine.ts';
import type { CheckName, Status } from '../../../../src/vm/doctor/check-names.ts';
import type { CheckResult } from '../../../../src/vm/doctor/finding.ts';
import type { TestContext } from '../context.ts';
import { disconnect, eachCall } from '../each-call.ts';
import { host } from './look.ts';

const ORDER = [
  'libvirt',
  'qemu',
  'kvm',
  'uefi',
  'secure-boot',
  'tpm',
  'virtiofs',
  'hugepages',
  'storage-path',
  'direct-io',
  'space',
  'security',
  'bridges',
  'addresses',
  'shutdown',
  'clock',
  'console-log',
];

async function run(context: TestContext): Promise<void> {
  await examine(context);
}

function result(check: CheckName, status: Status): CheckResult {
  return { check, status, text: 'words' };
}

describe('the examination', () => {
  it('makes every check, in an order that stays, and leaves nothing behind', async () => {
    const context = host();
    const before = context.hypervisor.census();
    const results = await examine(context);
    expect(results.map(({ check }) => check)).toStrictEqual(ORDER);
    expect(context.hypervisor.census()).toStrictEqual(before);
    expect(context.progress.lines).toStrictEqual([]);
  });

  it('of an account that may only look says what was not looked at, which is no failure', async () => {
    const context = host();
    context.hypervisor.isReadOnly = true;
    context.hypervisor.fault = (call) => (call.startsWith('domainCapabilities') ? 'forbidden' : undefined);
    const results = await examine(context);
    expect(verdict(results)).toBeUndefined();
    expect(results.filter(({ status }) => status === 'unknown').map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        'not checked: libvirt does not tell that to an account that may only look',
        'not checked: no pool shows /images',
      ]),
    );
    expect(context.hypervisor.calls).not.toContain('startPool');
  });

  it('asks libvirt for as little as there is', async () => {
    const context = host((hypervisor) => hypervisor.available.set('/images', 1));
    await examine(context);
    expect(context.hypervisor.calls).toStrictEqual([
      'libvirtVersion',
      'capabilities',
      'qemuVersion',
      'domainCapabilities of x86_64 q35 kvm',
      'findPoolByPath',
      'startPool',
      'Pool.xml',
      'Pool.stop',
      'diskUsages',
      'listInterfaces',
      'domainDocuments',
    ]);
  });

  it('goes on after a check that fails, with its words', async () => {
    const context = host((hypervisor) => {
      hypervisor.fault = (call) => (call === 'libvirtVersion' || call === 'diskUsages' ? 'other' : undefined);
      hypervisor.listInterfaces = () => Promise.reject(new TypeError('a bug'));
      hypervisor.available.set('/images', 1);
    });
    const results = await examine(context);
    const code = 'check-failed';
    expect(results.map(({ check }) => check)).toStrictEqual(ORDER);
    expect(results.filter(({ status }) => status === 'failure')).toStrictEqual([
      { check: 'libvirt', status: 'failure', code, text: 'could not be checked: libvirtVersion failed' },
      { check: 'space', status: 'failure', code, text: 'could not be checked: diskUsages failed' },
      { check: 'bridges', status: 'failure', code, text: 'could not be checked: a bug' },
    ]);
  });

  it('ends where the connection broke, wherever that was', async () => {
    const outcomes = await eachCall({ prepare: host, run }, disconnect);
    expect(outcomes.length).toBeGreaterThan(8);
    for (const { error } of outcomes) expect(error).toMatchObject({ kind: 'connection', exitCode: 3 });
  });

  it('ends where it is interrupted', async () => {
    const controller = new AbortController();
    const context = { ...host(), signal: controller.signal };
    context.hypervisor.fault = () => {
      controller.abort(new Interrupted('SIGINT'));
      return undefined;
    };
    await expect(examine(context)).rejects.toBeInstanceOf(Interrupted);
    expect(context.hypervisor.calls).toStrictEqual(['libvirtVersion']);
  });
});

describe('the verdict', () => {
  it.each<[string, readonly CheckResult[], string | undefined]>([
    ['nothing', [], undefined],
    [
      'warnings',
      [result('kvm', 'warning'), result('space', 'warning'), result('clock', 'unknown')],
      undefined,
    ],
    ['a failed storage path', [result('storage-path', 'failure'), result('kvm', 'warning')], 'storage'],
    ['two failures of storage', [result('direct-io', 'failure'), result('space', 'failure')], 'storage'],
    ['another failure', [result('uefi', 'failure')], 'validation'],
    ['both', [result('storage-path', 'failure'), result('bridges', 'failure')], 'validation'],
  ])('on %s is what failed', (_, results, kind) => {
    expect(verdict(results)).toBe(kind);
  });
});
