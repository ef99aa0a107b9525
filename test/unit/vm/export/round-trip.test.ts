import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { checkText } from '../../../../src/config/vm-file/check.ts';
import { orNone } from '../../../../src/config/machine/layout.ts';
import { isReachable, listenOf } from '../../../../src/config/machine/vnc.ts';
import type { Vnc } from '../../../../src/config/machine/vnc.ts';
import { usualBoot } from '../../../../src/config/machine/media.ts';
import { bootInterface } from '../../../../src/config/values/media.ts';
import type { Machine } from '../../../../src/config/machine.ts';
import { config } from '../../../faults/fuzz/configs.ts';
import { fullMachine, minimalMachine } from '../../machines.ts';
import { contextWith, exported, whole } from './vms.ts';

/** Machines as odd files describe them. */
const machine = config
  .map((content) => checkText('vm.yaml', stringify(content), { virtType: undefined }).machine)
  .filter((one): one is Machine => one !== undefined);

const ARM = minimalMachine({ arch: 'aarch64', firmware: 'uefi', machineType: 'virt', cpuMode: undefined });

describe('a VM that plow made', () => {
  it.each([
    ['the least there is', minimalMachine()],
    ['one of everything', fullMachine()],
    ['one of aarch64', ARM],
    ['one with a drive', minimalMachine({ cdrom: { image: '/iso/a.iso', bus: 'scsi' } })],
    [
      'one with an empty drive',
      minimalMachine({ cdrom: { image: undefined, bus: undefined }, boot: ['cdrom'] }),
    ],
    ['one that boots from the network behind its disk', minimalMachine({ boot: ['disk', 'network'] })],
  ])('is exported as it was: %s', async (_, original) => {
    const file = await exported(contextWith(original), original.name);
    expect(whole(file.checked.machine)).toStrictEqual(whole(original));
    expect(file.notes).toBe(0);
  });

  it('is exported as it was, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(machine, async (original) => {
        const context = contextWith(original);
        const before = context.hypervisor.census();
        const file = await exported(context, original.name);
        expect(file.checked.diagnostics.filter(({ severity }) => severity === 'error')).toStrictEqual([]);
        expect(whole(file.checked.machine)).toStrictEqual(whole(inWordsOfExport(original)));
        expect(file.notes).toBe(0);
        expect(context.hypervisor.census()).toStrictEqual(before);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});

/** What a seed says is written under `cloud_init`, whatever it came from. */
function inWordsOfExport(original: Machine): Machine {
  const { provisioning } = original;
  if (provisioning?.format !== 'cloud-init') return original;
  return {
    ...original,
    provisioning: { ...provisioning, section: provisioning.consoleAutologin ? 'provisioning' : 'cloud_init' },
  };
}

/** Where keys of interfaces say what the boot list does, they are as good. */
function withKeys({ boot, ...others }: Machine): Machine {
  if (boot === undefined) return others;
  const named = boot.flatMap((word) => bootInterface(word) ?? []);
  const interfaces = others.interfaces.map((one, index) => ({
    ...one,
    bootsFromNetwork: named.includes(index),
  }));
  const keyed = { ...others, interfaces };
  return usualBoot(keyed).join() === boot.join() ? keyed : { ...others, boot };
}

/** What nothing but plow's metadata tells. */
function asFarAsSeen(original: Machine): Machine {
  const { bootDisk } = original;
  return {
    ...withKeys(original),
    // The newest of the hypervisor, as the domain of one that said q35 would say too.
    machineType: original.machineType === 'pc-q35-7.2' ? 'q35' : original.machineType,
    tags: [],
    fleet: undefined,
    group: undefined,
    layout: seenLayout(original),
    vnc: original.vnc && seenScreen(original.vnc),
    virtType: original.virtType === 'qemu' ? 'qemu' : undefined,
    bootDisk: bootDisk.format === 'raw' ? { ...bootDisk, image: undefined } : bootDisk,
  };
}

/** Room for nothing is none. */
/** Where it is; that a password is wanted libvirt does not tell. */
function seenScreen(vnc: Vnc): Vnc {
  return { ...vnc, listen: listenOf(vnc, false), login: undefined };
}

function seenLayout({ layout, vcpus, memoryMib }: Machine): Machine['layout'] {
  if (layout === undefined) return undefined;
  const { vcpusMax, memoryMaxMib } = layout;
  return orNone({
    ...layout,
    vcpusMax: vcpusMax === vcpus ? undefined : vcpusMax,
    memoryMaxMib: memoryMaxMib === memoryMib ? undefined : memoryMaxMib,
  });
}

describe('the same VM as if another tool had made it', () => {
  it('is exported as far as it can be seen', async () => {
    const seen = machine.filter(
      ({ provisioning, interfaces, vnc }) =>
        // Of a guest of Ignition plow's metadata alone has the addresses.
        provisioning?.format === 'cloud-init' &&
        interfaces.every((one) => one.defaultRoute) &&
        // Of one that others reach the file names a password that is to be written.
        !(vnc !== undefined && isReachable(listenOf(vnc, false))),
    );
    await fc.assert(
      fc.asyncProperty(seen, async (original) => {
        const file = await exported(contextWith(original, { withMetadata: false }), original.name);
        expect(file.checked.diagnostics.filter(({ severity }) => severity === 'error')).toStrictEqual([]);
        expect(whole(file.checked.machine)).toStrictEqual(whole(asFarAsSeen(inWordsOfExport(original))));
      }),
      { numRuns: 50 },
    );
  }, 60_000);
});
