import * as z from 'zod/mini';

import { memoryGib, memoryMib } from './memory.ts';
import { CPU_MODES } from '../../machine.ts';
import { described, count, ruled, wholeNumber } from '../../schema/words.ts';
import { CPU_SET_PATTERN, cpuSetMistake, MOST_CPU } from '../../values/layout/cpu-set.ts';
import { HUGEPAGE_SIZES } from '../../values/layout/hugepages.ts';
import { cpuModelMistake } from '../../values/layout/cpu-model.ts';
import { show } from '../../../text/quote.ts';

/** The bounds of libvirt and QEMU are lower, and depend on the machine type. */
const MOST_PARTS = 4096;
export const MOST_CELLS = 128;
/** The kernel's own bound of nodes. */
const MOST_NODE = 1023;

const number = { type: 'integer', minimum: 0, maximum: MOST_CPU };
const text = { type: 'string', pattern: CPU_SET_PATTERN };
const CPU_SET_SCHEMA = {
  anyOf: [number, text, { type: 'array', minItems: 1, items: { anyOf: [number, text] } }],
};

/** Numbers of CPUs: 2, or 2-5,8, or a list of these. */
const cpuSet = z.unknown().check(({ value, issues }) => {
  const mistake = cpuSetMistake(value);
  if (mistake === undefined) return;
  const path = mistake.index === undefined ? [] : [mistake.index];
  issues.push({ code: 'custom', message: mistake.text, input: value, path });
}, z.meta(CPU_SET_SCHEMA));

function parts(of: string): z.ZodMiniOptional<z.ZodMiniNumberFormat> {
  return z.optional(count(MOST_PARTS, `more than any guest has ${of}`));
}

/** Keys of `cpu`. */
export const cpu = z.strictObject({
  mode: described(
    'As cpu_mode, in its place; or custom, for a model by its name.',
    z.optional(z.enum([...CPU_MODES, 'custom'])),
  ),
  model: described(
    'CPU model as libvirt calls it, of the mode custom (virsh domcapabilities lists those of a hypervisor).',
    z.optional(ruled(cpuModelMistake, '^[A-Za-z0-9][A-Za-z0-9_.+-]*$')),
    { examples: ['EPYC-Rome'] },
  ),
  sockets: described(
    'Sockets that the guest sees. The product of sockets, dies, cores and threads is vcpus_max, or vcpus. One that is left out makes up the product, cores first; others are 1.',
    parts('sockets'),
    { examples: [1] },
  ),
  dies: described('Dies in each socket; 1 on aarch64.', parts('dies'), { examples: [1] }),
  cores: described('Cores in each die.', parts('cores'), { examples: [4] }),
  threads: described('Threads of each core.', parts('threads'), { examples: [2] }),
  pin: described(
    'On which CPUs of the hypervisor virtual CPUs run: by their numbers, or ranges of them, from 0 on. Those that are left out run anywhere.',
    z.optional(z.record(z.string(), cpuSet)),
    { examples: [{ '0': 2, '1-3': '4-5,8' }] },
  ),
  emulator: described(
    'On which CPUs of the hypervisor the rest of QEMU runs.',
    z.optional(cpuSet),
    { examples: ['0-1'] },
  ),
}, {
  error: ({ code, input }) =>
    code === 'invalid_type' && input !== undefined
      ? `expected a map of keys such as cores, found ${show(input)} (how many CPUs it has is vcpus)`
      : undefined,
});

/** An item of `numa`. */
export const numaCell = z.strictObject({
  cpus: described('Virtual CPUs of this node. Each of the VM is in one node, those up to vcpus_max too.', cpuSet, {
    examples: ['0-3'],
  }),
  memory_gib: described(
    'Its memory in GiB. Either this or memory_mib is required; all nodes together have the memory of the VM.',
    z.optional(memoryGib('memory_mib')),
    { examples: [4] },
  ),
  memory_mib: described('Its memory in MiB, instead of memory_gib.', z.optional(memoryMib()), {
    examples: [1536],
  }),
  host_node: described(
    'Node of the hypervisor that the memory is taken from, and from no other.',
    z.optional(wholeNumber(0, MOST_NODE, 'the last node that a kernel knows')),
    { examples: [0] },
  ),
});

export const hugepages = z.optional(z.literal([true, ...HUGEPAGE_SIZES, false]));
