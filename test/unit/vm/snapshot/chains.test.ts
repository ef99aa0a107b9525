import { array, assert, constantFrom, property, tuple } from 'fast-check';
import { judge } from '../../../../src/vm/features/judge.ts';
import { describe, expect, it } from 'vitest';
import { overlayFile } from '../../../../src/config/vm-paths.ts';
import {
  isHalfDone,
  MOST_LAYERS,
  neededFiles,
  spareFiles,
  whyNoNew,
  whyNot,
} from '../../../../src/vm/snapshot/chains.ts';
import type { Chains, KnownFile, KnownSnapshot } from '../../../../src/vm/snapshot/chains.ts';

const AT = 1000;
const BOOT = '/vms/web/boot.qcow2';
const LAYER = `/vms/web/${overlayFile('00000001', 'vda')}`;

function file(changes: Partial<KnownFile> = {}): KnownFile {
  return { below: undefined, writtenAt: AT, ...changes };
}

const first: KnownSnapshot = {
  name: 'first',
  createdAt: AT,
  parent: undefined,
  isOfDisksOnly: true,
  isInternal: false,
  disks: [{ target: 'vda', paths: [BOOT, '/images/base.qcow2'] }],
};

/** A VM that goes on in a layer since its first snapshot. */
function chains(changes: Partial<Chains> = {}): Chains {
  return {
    directory: '/vms/web',
    disks: [{ target: 'vda', paths: [LAYER, BOOT, '/images/base.qcow2'] }],
    snapshots: [first],
    files: new Map([
      [BOOT, file({ below: '/images/base.qcow2' })],
      [LAYER, file({ below: BOOT })],
    ]),
    hasNvram: false,
    ...changes,
  };
}

function withFile(path: string, facts: KnownFile): Chains {
  return chains({ files: new Map([...chains().files, [path, facts]]) });
}

describe('a VM goes back to a snapshot', () => {
  it('whose files are there and were not written to since', () => {
    expect(whyNot(first, chains())).toBeUndefined();
  });

  it.each<[string, Chains, KnownSnapshot]>([
    [`${BOOT} is gone`, chains({ files: new Map([[LAYER, file()]]) }), first],
    [`${BOOT} was written to since`, withFile(BOOT, file({ writtenAt: AT + 1000 })), first],
    ['the copy of its UEFI variables is missing', chains({ hasNvram: true }), first],
    ['its create was killed: the VM writes to its files still', chains({ disks: first.disks }), first],
    ['the VM has no disk vda any more', chains({ disks: [{ target: 'vdb', paths: [LAYER] }] }), first],
    ['not of disks alone: virsh snapshot-revert may', chains(), { ...first, isOfDisksOnly: false }],
    [
      `disk vda has ${MOST_LAYERS} layers`,
      chains(),
      {
        ...first,
        disks: [{ target: 'vda', paths: [BOOT, ...Array.from({ length: MOST_LAYERS - 1 }, () => '/x')] }],
      },
    ],
    ['disk vda was not in /vms/web', chains(), { ...first, disks: [{ target: 'vda', paths: ['/other/a'] }] }],
    ['disk vda was no file', chains(), { ...first, disks: [{ target: 'vda', paths: [] }] }],
    ['libvirt does not know its disks', chains(), { ...first, disks: [] }],
  ])('else it says: %s', (words, there, snapshot) => {
    expect(whyNot(snapshot, there)).toBe(words);
  });

  it('with its UEFI variables where there is a copy of them', () => {
    const copy = { ...withFile('/vms/web/snap-first.nvram', file()), hasNvram: true };
    expect(whyNot(first, copy)).toBeUndefined();
  });
});

describe('a snapshot is taken', () => {
  it('of a VM whose disks are files in its directory', () => {
    expect(whyNoNew(chains())).toBeUndefined();
  });

  it.each<[RegExp, Chains]>([
    [/another kind, 'first'/u, chains({ snapshots: [{ ...first, isOfDisksOnly: false }] })],
    [/no disk/u, chains({ disks: [] })],
    [/vda is not a file/u, chains({ disks: [{ target: 'vda', paths: [] }] })],
    [/vda is not in the VM's directory/u, chains({ disks: [{ target: 'vda', paths: ['/other/a'] }] })],
    [/boot\.qcow2 is not there/u, chains({ disks: first.disks, files: new Map() })],
    [
      /has 20 layers already/u,
      chains({ disks: [{ target: 'vda', paths: Array.from({ length: MOST_LAYERS }, () => BOOT) }] }),
    ],
  ])('else it says: %s', (words, there) => {
    expect(whyNoNew(there)).toMatch(words);
  });
});

it('a snapshot whose files are written to is half done', () => {
  expect(isHalfDone(first, first.disks)).toBe(true);
  expect(isHalfDone(first, chains().disks)).toBe(false);
});

describe('what nobody needs', () => {
  it('is a layer that no document and no other file names, and a copy of no snapshot', () => {
    const lost = `/vms/web/${overlayFile('00000002', 'vda')}`;
    const files = new Map([
      ...chains().files,
      [lost, file()],
      ['/vms/web/snap-gone.nvram', file()],
      ['/vms/web/snap-first.nvram', file()],
      ['/vms/web/notes.txt', file()],
      ['/vms/web/snap-of-mine.qcow2', file()],
    ]);
    expect(spareFiles(chains({ files }))).toStrictEqual([lost, '/vms/web/snap-gone.nvram']);
  });

  it('is no file that a needed one names in itself, whatever documents say', () => {
    const hidden = `/vms/web/${overlayFile('00000003', 'vda')}`;
    const files = new Map([...chains().files, [LAYER, file({ below: hidden })], [hidden, file()]]);
    const disks = [{ target: 'vda', paths: [LAYER] }];
    expect(spareFiles(chains({ disks, files }))).toStrictEqual([]);
  });
});

interface Vm {
  top: string;
  readonly snapshots: Map<string, readonly string[]>;
}

/** Hosts of VMs with a disk each, as plow's verbs change them: names of files as plow gives them. */
class Model {
  readonly below = new Map<string, string | undefined>([['/images/base.qcow2', undefined]]);
  readonly vms = new Map<string, Vm>();
  #marks = 0;

  layer(vm: string, below: string): string {
    const mark = (this.#marks += 1).toString(16).padStart(8, '0');
    const path = `/vms/${vm}/${overlayFile(mark, 'vda')}`;
    this.below.set(path, below);
    return path;
  }

  chain(path: string): readonly string[] {
    const below = this.below.get(path);
    return below === undefined ? [path] : [path, ...this.chain(below)];
  }

  chains(name: string): Chains {
    const vm = this.vms.get(name);
    const disks = vm === undefined ? [] : [{ target: 'vda', paths: this.chain(vm.top) }];
    const snapshots = [...(vm?.snapshots ?? [])].map(([snapshot, paths]) => ({
      ...first,
      name: snapshot,
      disks: [{ target: 'vda', paths }],
    }));
    const own = [...this.below].filter(([path]) => path.startsWith(`/vms/${name}/`));
    const files = new Map(own.map(([path, below]) => [path, file({ below })]));
    return { directory: `/vms/${name}`, disks, snapshots, files, hasNvram: false };
  }

  /** All that VMs but one stand on, as destroy and delete ask for it. */
  usedByOthers(name: string): ReadonlySet<string> {
    const others = [...this.vms.keys()].filter((other) => other !== name);
    return new Set(others.flatMap((other) => [...neededFiles(this.chains(other))]));
  }

  sweep(name: string): void {
    const used = this.usedByOthers(name);
    for (const path of spareFiles(this.chains(name))) if (!used.has(path)) this.below.delete(path);
  }
}

type Step = (model: Model, name: string, snapshot: string) => void;

const STEPS: Readonly<Record<string, Step>> = {
  make: (model, name) => {
    if (model.vms.has(name)) return;
    const top = `/vms/${name}/boot.qcow2`;
    if (model.below.has(top)) return;
    model.below.set(top, '/images/base.qcow2');
    model.vms.set(name, { top, snapshots: new Map() });
  },
  create: (model, name, snapshot) => {
    const vm = model.vms.get(name);
    if (vm === undefined || vm.snapshots.has(snapshot)) return;
    vm.snapshots.set(snapshot, model.chain(vm.top));
    vm.top = model.layer(name, vm.top);
    model.sweep(name);
  },
  'create, killed': (model, name, snapshot) => {
    const vm = model.vms.get(name);
    if (vm === undefined || vm.snapshots.has(snapshot)) return;
    model.layer(name, vm.top);
    vm.snapshots.set(snapshot, model.chain(vm.top));
  },
  revert: (model, name, snapshot) => {
    const [vm, frozen] = [model.vms.get(name), model.vms.get(name)?.snapshots.get(snapshot)?.[0]];
    if (vm === undefined || frozen === undefined || frozen === vm.top) return;
    vm.top = model.layer(name, frozen);
    model.sweep(name);
  },
  delete: (model, name, snapshot) => {
    model.vms.get(name)?.snapshots.delete(snapshot);
    model.sweep(name);
  },
  'clone --linked': (model, name, snapshot) => {
    const frozen = model.vms.get(name)?.snapshots.get(snapshot)?.[0];
    const other = `${name}-of-${snapshot}`;
    if (frozen === undefined || frozen === model.vms.get(name)?.top || model.vms.has(other)) return;
    model.vms.set(other, { top: model.layer(other, frozen), snapshots: new Map() });
  },
  destroy: (model, name) => {
    if (!model.vms.delete(name)) return;
    const used = model.usedByOthers(name);
    for (const path of model.below.keys())
      if (path.startsWith(`/vms/${name}/`) && !used.has(path)) model.below.delete(path);
  },
};

it('no sequence of verbs ever deletes a file that a VM or a snapshot needs', () => {
  const step = tuple(
    constantFrom(...Object.keys(STEPS)),
    constantFrom('web', 'db', 'web-of-one'),
    constantFrom('one', 'two', 'three'),
  );
  const lost: string[] = [];
  assert(
    property(array(step, { maxLength: 40 }), (steps) => {
      const model = new Model();
      STEPS['make']?.(model, 'web', '');
      for (const [verb, name, snapshot] of steps) {
        STEPS[verb]?.(model, name, snapshot);
        const needed = [...model.vms.keys()].flatMap((vm) => [...neededFiles(model.chains(vm))]);
        lost.push(...needed.filter((path) => !model.below.has(path)));
      }
      return lost.length === 0;
    }),
    { numRuns: 500 },
  );
  expect(lost).toStrictEqual([]);
});

it("of a snapshot that is libvirt's own says whether this libvirt goes back to it", () => {
  const own = { ...first, isOfDisksOnly: false, isInternal: true };
  const told = (libvirt: number): string | undefined =>
    whyNot(
      own,
      chains({
        ownWays: {
          internal: judge('internal-revert', { libvirt }),
          external: judge('external-revert', { guestFeatures: new Set() }),
        },
      }),
    );
  expect(told(9_000_000)).toBe('not of disks alone: virsh snapshot-revert may');
  expect(told(11_003_000)).toBe(
    'not of disks alone, and libvirt cannot go back to it either (libvirt 11.3.0; not those from 11.2.0 to before 11.4.0)',
  );
});
