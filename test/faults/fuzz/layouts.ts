import * as fc from 'fast-check';

type Keys = Readonly<Record<string, unknown>>;

/** A set of CPUs of the hypervisor, in each of the ways in which a file can say it. */
const cpus = fc
  .tuple(
    fc.uniqueArray(fc.nat(300), { minLength: 1, maxLength: 4 }),
    fc.constantFrom('list', 'text', 'first', 'range'),
  )
  .map(([numbers, how]): unknown => {
    const [first = 0, second = 0] = numbers;
    if (how === 'list') return numbers;
    if (how === 'text') return numbers.join(',');
    return how === 'first' || first === second
      ? first
      : `${Math.min(first, second)}-${Math.max(first, second)}`;
  });

const wish = fc.record(
  {
    room: fc.integer({ min: 1, max: 3 }),
    memoryRoom: fc.integer({ min: 1, max: 3 }),
    model: fc.constantFrom('EPYC', 'Skylake-Client-noTSX-IBRS', 'kvm64'),
    cuts: fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)),
    leftOut: fc.constantFrom('sockets', 'dies', 'cores', 'threads', 'none'),
    pins: fc.array(fc.tuple(fc.nat(), cpus), { minLength: 1, maxLength: 4 }),
    emulator: cpus,
    nodes: fc.array(fc.option(fc.nat(9), { nil: undefined }), { minLength: 1, maxLength: 4 }),
    hugepages: fc.constantFrom(true, false, '2MiB', '1GiB'),
  },
  { requiredKeys: [] },
);

/** Keys for CPUs and memory, that go with the number of CPUs and the memory that a file has. */
export const layoutFor = (vcpus: number, memoryGib: number): fc.Arbitrary<Keys> =>
  wish.map((one) => {
    const most = Math.min(4096, vcpus * (one.room ?? 1));
    const memory = Math.min(65_536, memoryGib * (one.memoryRoom ?? 1));
    const cpu = {
      ...(one.model === undefined ? {} : { mode: 'custom', model: one.model }),
      ...topology(most, one),
      ...(one.pins === undefined ? {} : { pin: pins(most, one.pins) }),
      ...(one.emulator === undefined ? {} : { emulator: one.emulator }),
    };
    const numa = one.nodes === undefined ? [] : cells(most, memory, one.nodes);
    return {
      ...(one.room === undefined ? {} : { vcpus_max: most }),
      ...memoryMax(memory, one.memoryRoom),
      ...(Object.keys(cpu).length === 0 ? {} : { cpu }),
      ...(numa.length === 0 ? {} : { numa }),
      ...(one.hugepages === undefined ? {} : { hugepages: one.hugepages }),
    };
  });

function memoryMax(gib: number, room: number | undefined): Keys {
  if (room === undefined) return {};
  return room === 2 ? { memory_max_mib: gib * 1024 } : { memory_max_gib: gib };
}

/** A divisor of a number. */
function divisor(of: number, cut: number): number {
  const all = Array.from({ length: Math.min(of, 16) }, (_, index) => index + 1).filter(
    (one) => of % one === 0,
  );
  return all[cut % all.length] ?? 1;
}

function topology(
  most: number,
  { cuts, leftOut }: { readonly cuts?: readonly [number, number, number]; readonly leftOut?: string },
): Keys {
  if (cuts === undefined) return {};
  const sockets = divisor(most, cuts[0]);
  const dies = divisor(most / sockets, cuts[1]);
  const threads = divisor(most / sockets / dies, cuts[2]);
  const parts = { sockets, dies, cores: most / sockets / dies / threads, threads };
  return Object.fromEntries(Object.entries(parts).filter(([part]) => part !== leftOut));
}

function pins(most: number, all: readonly (readonly [number, unknown])[]): Keys {
  return Object.fromEntries(all.map(([vcpu, set]) => [String(vcpu % most), set]));
}

/** In whole GiB each, so that huge pages fit. */
function cells(most: number, memory: number, nodes: readonly (number | undefined)[]): readonly Keys[] {
  const count = Math.min(most, memory, nodes.length);
  const [each, rest] = [Math.floor(most / count), Math.floor(memory / count)];
  return nodes.slice(0, count).map((node, index) => {
    const isLast = index === count - 1;
    const end = isLast ? most - 1 : (index + 1) * each - 1;
    return {
      cpus: index * each === end ? end : `${index * each}-${end}`,
      memory_gib: isLast ? memory - index * rest : rest,
      ...(node === undefined ? {} : { host_node: node }),
    };
  });
}
