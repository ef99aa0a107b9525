import { describe, expect, it } from 'vitest';
import { PROGRAM } from '../../../src/cli/commands/commands.ts';
import { runCli } from '../../../src/cli/program.ts';
import type { DomainState } from '../../../src/hypervisor/domain-facts.ts';
import { END_NAMESPACE, NO_END } from '../../../src/libvirt-xml/metadata/end.ts';
import { GUARD_NAMESPACE } from '../../../src/libvirt-xml/metadata/guard.ts';
import { moveElementInDocument } from '../../../src/libvirt-xml/metadata/move.ts';
import type { MoveMark, MovePlace } from '../../../src/libvirt-xml/metadata/move.ts';
import { endElement, guardElement } from '../../../src/libvirt-xml/metadata/write.ts';
import { failureLines } from '../../../src/views/failure/text.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { fakeEnvironment } from './environment.ts';
import { networkInterface, cloudInit, dataDisk, minimalMachine } from '../machines.ts';
import { contextWith } from '../vm/export/vms.ts';
import type { FakeHypervisor } from '../vm/fake-hypervisor.ts';

const UUID = '00000000-0000-4000-8000-000000000099';
const MAC = '52:54:00:0a:14:1e';

/** Every command that changes a VM which is there, each as it would change one. */
const CHANGES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  clone: [['clone', 'web', 'web-2', '--ip', '10.20.30.77/24']],
  move: [['move', 'web', '--to', 'qemu+ssh://root@h3/system']],
  destroy: [
    ['destroy', 'web', '--yes'],
    ['destroy', 'web', '--yes', '--undo-within', '2d'],
    ['destroy', 'web', '--yes', '--keep-data'],
  ],
  extend: [['extend', 'web', '--for', '9d']],
  protect: [['protect', 'web']],
  unprotect: [['unprotect', 'web']],
  start: [['start', 'web']],
  stop: [
    ['stop', 'web'],
    ['stop', '--force', 'web'],
  ],
  restart: [['restart', 'web']],
  suspend: [['suspend', 'web']],
  resume: [['resume', 'web']],
  autostart: [
    ['autostart', 'on', 'web'],
    ['autostart', 'off', 'web'],
  ],
  resize: [['resize', 'web', '--vcpus', '2']],
  attach: [
    ['attach', 'disk', 'web', '--size', '1'],
    ['attach', 'nic', 'web', '--bridge', 'br0', '--ip', '10.20.30.78/24'],
  ],
  detach: [
    ['detach', 'disk', 'web', 'vdb'],
    ['detach', 'nic', 'web', MAC],
  ],
  media: [['media', 'eject', 'web']],
  snapshot: [
    ['snapshot', 'create', 'web', 'one'],
    ['snapshot', 'revert', 'web', 'one', '--yes'],
    ['snapshot', 'delete', 'web', 'one', '--yes'],
  ],
  rebuild: [
    ['rebuild', 'web', '--yes'],
    ['rebuild', 'web', '--yes', '--undo'],
    ['rebuild', 'web', '--yes', '--drop-old'],
  ],
};

/** Commands that change no VM which is there; apply works by the functions of those above. */
const OTHERS = new Set(
  `create new undelete wait list show log console vnc screenshot ssh scp ssh-config validate render diff apply
  export ip schema hosts evacuate restore image network metrics top doctor gc config completion version help`.split(
    /\s+/u,
  ),
);

const PLACES: readonly MovePlace[] = [
  { role: 'source', phase: 'copying' },
  { role: 'source', phase: 'moved' },
  { role: 'source', phase: 'left' },
  { role: 'incoming', phase: 'copying' },
  { role: 'incoming', phase: 'ready' },
  { role: 'incoming', phase: 'starting' },
];

/** A VM that a move has left there. */
async function given(place: MovePlace, argv: readonly string[]): Promise<FakeHypervisor> {
  const machine = minimalMachine({
    name: 'web',
    provisioning: cloudInit({ hostname: 'web' }),
    dataDisks: [dataDisk('vdb', 1)],
    interfaces: [networkInterface({ mac: MAC })],
  });
  const mark: MoveMark = {
    ...place,
    token: 'of-the-move',
    host: 'h2',
    ran: true,
    autostart: true,
    bases: [],
  };
  const edit = (xml: string): string =>
    xml.replace('</metadata>', `${moveElementInDocument(UUID, mark)}</metadata>`);
  const { hypervisor } = contextWith(machine, { edit });
  const domain = hypervisor.domains.get('web');
  if (domain !== undefined) Object.assign(domain, { state: stateFor(argv), autostart: argv.includes('off') });
  const [verb] = argv;
  using found = await hypervisor.findDomain('web');
  if (verb === 'unprotect') await found?.setMetadata(guardElement(UUID), GUARD_NAMESPACE);
  const expires = '2025-01-03T00:00:00.000Z';
  if (verb === 'extend') await found?.setMetadata(endElement(UUID, { ...NO_END, expires }), END_NAMESPACE);
  return hypervisor;
}

async function said(argv: readonly string[], hypervisor: FakeHypervisor): Promise<string> {
  const environment = fakeEnvironment(hypervisor);
  try {
    await runCli([...argv], environment);
  } catch (error) {
    if (!(error instanceof PlowError)) throw error;
    environment.stderr.push(...failureLines(error, false));
  }
  return environment.stderr.join('\n');
}

/** One that it would have something to do with. */
function stateFor([verb = '', ...words]: readonly string[]): DomainState {
  if (verb === 'resume') return 'paused';
  return ['stop', 'suspend', 'restart'].includes(verb) || words.includes('--undo') ? 'running' : 'shut off';
}

describe('a VM on its way to another hypervisor', () => {
  it('is thought of by every command', () => {
    const all = PROGRAM.groups.flatMap(({ commands }) => commands.map(({ name }) => name));
    const known = new Set([...Object.keys(CHANGES), ...OTHERS]);
    expect(all.filter((name) => !known.has(name))).toEqual([]);
    expect([...known].filter((name) => !all.includes(name))).toEqual([]);
  });

  describe.each(PLACES)('as $role, $phase,', (place) => {
    it.each(Object.values(CHANGES).flatMap((all) => all.map((argv) => [argv.join(' '), argv] as const)))(
      'is not changed by plow %s',
      async (_, argv) => {
        const hypervisor = await given(place, argv);
        const before = hypervisor.census();
        const words = await said(argv, hypervisor);
        expect(words).toContain(
          `VM 'web' is on its way: it ${
            place.role === 'incoming'
              ? 'comes from h2, and is not all there yet'
              : place.phase === 'copying'
                ? 'moves to h2'
                : 'has moved to h2, and its files are left here'
          }`,
        );
        expect(words).toMatch(/plow move --resume web goes on, plow move --abort web goes back/u);
        expect(hypervisor.census()).toStrictEqual(before);
      },
    );
  });
});
