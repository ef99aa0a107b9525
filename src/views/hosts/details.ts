import type { HostDocument } from '../../documents/hosts/host-schema.ts';
import { blockLines, field } from '../../terminal/blocks.ts';
import { renderTable } from '../../terminal/table.ts';
import type { Column, TableLook } from '../../terminal/table.ts';
import type { Judgement } from '../../vm/features/judge.ts';
import type { HostDetails } from '../../vm/hosts/details.ts';
import { factsEntry } from './document.ts';
import type { ShownHost } from './document.ts';
import { roomText } from './table.ts';

type Named = Pick<ShownHost, 'name' | 'uri' | 'labels'>;

/** The document of `plow hosts show -o json`. */
export function hostDocument({ name, uri, labels }: Named, details: HostDetails): HostDocument {
  const { arch = null, guests, features } = details;
  return {
    name: name ?? null,
    uri,
    labels: [...labels],
    facts: factsEntry(details),
    arch,
    guests: guests.map((guest) => ({
      arch: guest.arch,
      virt_types: [...guest.virtTypes],
      machine_types: guest.machineTypes,
    })),
    features: features.map((one) => ({
      name: one.name,
      what: one.what,
      has: one.has ?? null,
      why: one.why,
      otherwise: one.otherwise,
    })),
  };
}

const FEATURE_COLUMNS: readonly Column<Judgement>[] = [
  { title: 'FEATURE', text: ({ name }) => name },
  {
    title: 'HERE',
    text: ({ has }) => (has === undefined ? '?' : has ? 'yes' : 'no'),
    colour: ({ has }) => (has === undefined ? 'dim' : has ? 'green' : 'yellow'),
  },
  { title: 'WHAT', text: ({ what }) => what },
  { title: 'WHY', text: ({ has, why, otherwise }) => (has === true ? why : `${why}: ${otherwise}`) },
];

/** Lines of `plow hosts show`. Nothing is cut off, however narrow the terminal is. */
export function hostLines(
  { name, uri, labels }: Named,
  details: HostDetails,
  { paint }: Pick<TableLook, 'paint'>,
): readonly string[] {
  const { arch, cpus, guests, features, health, libvirt, memory, qemu, runningVms, allVms, storage } =
    details;
  return [
    ...blockLines([
      field('Host', name),
      field('URI', uri),
      field('Labels', labels.length === 0 ? undefined : labels.join(', ')),
      field('Doctor', health),
      field('libvirt', libvirt),
      field('QEMU', qemu),
      field('Processor', arch),
      field('CPUs', cpus?.toString()),
      field('Memory', roomText(memory)),
      field('Storage', roomText(storage)),
      field('VMs', `${runningVms} of ${allVms} run`),
      {
        title: 'Guests',
        entries: guests.map((guest) =>
          field(guest.arch, `${guest.virtTypes.join(', ')}; ${guest.machineTypes} machine types`),
        ),
      },
    ]),
    '',
    ...renderTable(FEATURE_COLUMNS, features, { paint }).lines,
  ];
}
