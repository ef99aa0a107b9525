import { describe, expect, it } from 'vitest';
import { PLOW, useHost } from '../integration/support.ts';
import type { TestHost } from '../integration/support.ts';
import { created, IMAGES, vm } from '../integration/vms.ts';
import { listedState, plowWith, remove } from './faulty.ts';
import { atEachCall, leftovers, STOPPING, unless } from './matrix.ts';
import type { Check } from './matrix.ts';
import { ALL_CASES, tally } from './tally.ts';
import { CHANGES, Tried } from './tried.ts';
import { EVERYTHING, OBEDIENT, RAW } from './variants.ts';

const host = useHost();
const DESTROY = `${PLOW.join(' ')} destroy web`;
/** What is in the directory of the VM with everything. */
const FILES = 'boot.qcow2 cloudinit.iso console.log data-vdb.qcow2 data-vdc.qcow2';

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

describe('creates at the same time', () => {
  it.each(ALL_CASES ? [1, 2, 3] : [1])(
    'of one name: one of 16 wins and its VM is whole (round %i)',
    async () => {
      const file = await host().write(vm({ cloud_init: {}, data_disks: [{ device: 'vdb', size_gb: 1 }] }));
      const { stdout, stderr } = await host().plowInShell(
        `for i in {1..16}; do { "$@" create ${file}; echo "exit code $?"; } & done; wait`,
      );
      expect([count(stdout, /^exit code 0$/gmu), count(stdout, /^exit code 2$/gmu)]).toEqual([1, 15]);
      expect(count(stderr, /^error: .*VM 'web' already exists/gmu)).toBe(15);
      // Who finds out by its own definition shows what libvirt said of it.
      const others = stderr
        .split('\n')
        .filter((line) => !/^(?:error: |detail: .*already exists|$)/u.test(line));
      expect(others).toEqual([]);
      expect(await listedState(host(), 'web')).toBe('running');
      expect(await host().sh(`ls ${IMAGES}/web; virsh pool-list --all --name`)).toBe(
        'boot.qcow2\ncloudinit.iso\nconsole.log\ndata-vdb.qcow2',
      );
      await host().discard('web');
      tally('races run', 1);
    },
  );

  it('of 32 names: all succeed, and nothing is said of jobs on pools', async () => {
    const names = Array.from({ length: 32 }, (_, index) => `vm${index}`);
    for (const [index, name] of names.entries()) {
      const interfaces = [{ ip: `10.77.0.${60 + index}/24`, gateway: '10.77.0.1', bridge: 'br0' }];
      const format = index % 4 === 0 ? 'raw' : 'qcow2';
      const boot = { image: `${IMAGES}/tiny.qcow2`, size_gb: 1, format };
      await host().write(
        vm({ name, boot_disk: boot, network_interfaces: interfaces, cloud_init: {} }),
        `${name}.yaml`,
      );
    }
    const each = (command: string): string =>
      `for vm in ${names.join(' ')}; do { ${command}; } > /run/$vm.out & done; wait; cd /run; cat ${names.join('.out ')}.out; rm *.out`;
    const made = await host().plowInShell(each(`"$@" create ${host().files}/$vm.yaml`));
    expect({ ...made, stderr: made.stderr.replaceAll(/^uploading .*\n/gmu, '') }).toEqual({
      code: 0,
      stdout: names.map((name) => created(name, { seed: true })).join(''),
      stderr: '',
    });
    const gone = await host().plowInShell(each('virsh -q destroy $vm; "$@" destroy $vm'));
    expect(gone).toMatchObject({ code: 0, stderr: '' });
    tally('races run', 1);
  });
});

/**
 * A whole destroy happens as the create makes a call: it is told, and leaves neither the VM nor parts of it.
 */
const destroyMeanwhile: Check = async (step) => {
  const { host: current, at, calls, file } = step;
  const { code, stderr, ran } = await plowWith(current, ['create', file], {
    at,
    action: 'run',
    command: DESTROY,
  });
  const state = await listedState(current, 'web');
  if (at <= calls.indexOf('virDomainDefineXMLFlags')) {
    // There was nothing to destroy yet.
    const missing = ran?.status === 4 && ran.stderr.includes("VM 'web' does not exist");
    return [
      ...unless(missing, `destroy ended with ${ran?.status}: ${ran?.stderr}`),
      ...unless(code === 0 && state === 'running', `exit code ${code}, listed as ${state}: ${stderr}`),
    ];
  }
  // All that was left to do for a VM that was complete is to stop a pool.
  const codes = at > calls.lastIndexOf('virDomainSetMetadata') ? [0] : [4, 5];
  const errors = count(stderr, /^error: /gmu);
  return [
    ...unless(ran?.status === 0, `destroy ended with ${ran?.status}: ${ran?.stderr}`),
    ...unless(codes.includes(code) && errors === Math.sign(code), `exit code ${code}: ${stderr}`),
    ...unless(state === undefined, `listed as ${state}`),
    ...(await leftovers(step)),
  ];
};

const GONE_MEANWHILE = /^error: VM 'web' (?:was removed by somebody else meanwhile|does not exist)$/mu;

/** A second destroy does all of it as the first makes a call. */
const destroyTwice: Check = async (step) => {
  const { host: current, at } = step;
  const run = { at, action: 'run', command: DESTROY } as const;
  const first = await plowWith(current, ['destroy', 'web'], run);
  const told = first.code === 4 && GONE_MEANWHILE.test(first.stderr);
  return [
    ...unless(first.ran?.status === 0 || first.ran?.status === 4, `${first.ran?.stderr}`),
    ...unless(first.code === 0 || told, `exit code ${first.code}: ${first.stderr}`),
    ...unless((await listedState(current, 'web')) === undefined, 'still listed'),
    ...(await leftovers(step)),
  ];
};

/** What is wrong with a VM that was just made. */
async function harmed(current: TestHost, files: string): Promise<readonly string[]> {
  const state = await listedState(current, 'web');
  const found = await current.exec([
    'sh',
    '-c',
    `cd ${IMAGES}/web && echo *; virsh -q pool-list --all --name`,
  ]);
  return [
    ...unless(state === 'running', `listed as ${state}`),
    ...unless(found.stdout.trimEnd() === files, `there is ${found.stdout}${found.stderr}`),
  ];
}

/** The VM is destroyed and made anew as a destroy makes a call: the new one is none of its business. */
const makeAnewMeanwhile: Check = async ({ host: current, at, calls, file }) => {
  const { code, stderr, ran } = await plowWith(current, ['destroy', 'web'], {
    at,
    action: 'run',
    command: `${DESTROY}; virsh --quiet domstate web 2> /dev/null || ${PLOW.join(' ')} create ${file}`,
  });
  const anew = unless(ran?.status === 0, `create ended with ${ran?.status}: ${ran?.stderr}`);
  if (at <= calls.indexOf('virDomainLookupByName')) {
    // It has seen no other VM than the new one.
    const state = await listedState(current, 'web');
    return [
      ...anew,
      ...unless(code === 0 && state === undefined, `exit code ${code}, listed as ${state}: ${stderr}`),
    ];
  }
  const done = at > calls.indexOf('virDomainUndefineFlags');
  const told = done ? code === 0 && !stderr.includes('left: ') : code === 4 && GONE_MEANWHILE.test(stderr);
  return [...anew, ...unless(told, `exit code ${code}: ${stderr}`), ...(await harmed(current, FILES))];
};

/** The guest is gone by itself as destroy makes a call. */
const stopsByItself: Check = async (step) => {
  const { host: current, at } = step;
  const command = 'virsh --quiet destroy web || true';
  const { code, stderr } = await plowWith(current, ['destroy', 'web'], { at, action: 'run', command });
  const left = await leftovers(step);
  return [...unless(code === 0 && !stderr.includes('error'), `exit code ${code}: ${stderr}`), ...left];
};

describe(`while others work, ${EVERYTHING.title}:`, () => {
  it('a create whose VM is destroyed at any call', async () => {
    const covered = { workflow: 'create', counter: 'races run', tried: new Tried(CHANGES) } as const;
    expect(await atEachCall(host(), EVERYTHING, covered, destroyMeanwhile)).toEqual([]);
  });

  it('a destroy during which the VM is destroyed and made anew at any call', async () => {
    const covered = { workflow: 'destroy', counter: 'races run', tried: new Tried(CHANGES) } as const;
    expect(await atEachCall(host(), EVERYTHING, covered, makeAnewMeanwhile)).toEqual([]);
  });

  it('a destroy that another overtakes at any call', async () => {
    const covered = { workflow: 'destroy', counter: 'races run', tried: new Tried(CHANGES) } as const;
    expect(await atEachCall(host(), EVERYTHING, covered, destroyTwice)).toEqual([]);
  });
});

describe(`while others work, ${OBEDIENT.title}:`, () => {
  const covered = { workflow: 'destroy', counter: 'races run' } as const;

  it('a destroy that another overtakes at any call', async () => {
    const only = { calls: /^virDomain/u, fewest: 6 };
    expect(
      await atEachCall(host(), OBEDIENT, { ...covered, only, tried: new Tried(STOPPING) }, destroyTwice),
    ).toEqual([]);
  });

  it('a destroy of a guest that stops by itself at any call', async () => {
    expect(
      await atEachCall(host(), OBEDIENT, { ...covered, tried: new Tried(STOPPING) }, stopsByItself),
    ).toEqual([]);
  });
});

const IMAGE = `${IMAGES}/tiny.qcow2`;
const BACK = `cp -p ${IMAGES}/kept ${IMAGE}`;
const IMAGE_CHANGES = [
  ['removed', `rm -f ${IMAGE}`],
  ['replaced by an empty file', `rm -f ${IMAGE}; touch ${IMAGE}`],
  ['replaced by another image', `rm -f ${IMAGE}; qemu-img create -q -f qcow2 ${IMAGE} 2G`],
] as const;

/** Both are made of an image in their own way, and each change comes in between for one of them at least. */
const IMAGES_CHANGED = ALL_CASES
  ? [EVERYTHING, RAW].flatMap((variant) =>
      IMAGE_CHANGES.map((change) => [variant.title, ...change, variant] as const),
    )
  : [
      [EVERYTHING.title, ...IMAGE_CHANGES[2], EVERYTHING] as const,
      [RAW.title, ...IMAGE_CHANGES[0], RAW] as const,
      [RAW.title, ...IMAGE_CHANGES[1], RAW] as const,
    ];

/** Calls by which what is in an image comes to matter, or does not any more. */
const IMAGE_CALLS = ALL_CASES
  ? undefined
  : {
      calls: /^vir(?:Storage(?:Pool|Vol)Create\w+|StreamFinish|Domain(?:DefineXMLFlags|Create))$/u,
      fewest: 4,
    };

/** By change. */
const tried = new Map(IMAGE_CHANGES.map(([change]) => [change, new Tried(CHANGES)]));

describe('a base image', () => {
  it.each(IMAGES_CHANGED)(
    'of %s, %s as create makes a call, costs nothing but that VM',
    async (_, change, command, variant) => {
      await host().sh(`cp -p ${IMAGE} ${IMAGES}/kept`);
      const only = IMAGE_CALLS;
      const covered = { workflow: 'create', counter: 'races run', only, tried: tried.get(change) } as const;
      const problems = await atEachCall(host(), variant, covered, async ({ host: current, at, file }) => {
        const { code, stderr } = await plowWith(current, ['create', file], { at, action: 'run', command });
        await current.sh(`rm -f ${IMAGE}; ${BACK}`);
        const state = await listedState(current, 'web');
        await remove(current, 'web');
        return [
          ...unless([0, 2, 4, 5].includes(code), `exit code ${code}: ${stderr}`),
          ...unless(
            state === (code === 0 ? 'running' : undefined),
            `exit code ${code}, listed as ${state}: ${stderr}`,
          ),
        ];
      });
      await host().sh(`rm ${IMAGES}/kept`);
      expect(problems).toEqual([]);
    },
  );
});
