import type { LoadedMachine } from '../../config/machine.ts';
import { openSshKeys } from '../../provision/host-keys/open-ssh.ts';
import type { HostKeys } from '../../provision/host-keys/open-ssh.ts';
import type { VmContext } from '../context.ts';
import { AskedNeighbours } from '../host/asked-neighbours.ts';
import { withNamedImage } from '../image-store/named-image.ts';
import { planVm } from './plan.ts';
import type { VmPlan } from './plan.ts';
import { preflight } from './preflight.ts';
import type { Begins, Preflight } from './preflight.ts';

/** A create before its first change, and all that there is of a dry run. */
export interface Prepared {
  readonly plan: VmPlan;
  readonly checked: Preflight;
  /** Who is still asked whether they have its addresses; undefined: all were waited for. */
  readonly asked: AskedNeighbours | undefined;
}

/**
 * Checks a machine on its hypervisor and plans what a create makes of it. Nothing is made.
 * @throws PlowError as preflight does
 */
export function prepareCreate(
  loaded: LoadedMachine,
  context: VmContext,
  { adoptsData }: Pick<Begins, 'adoptsData'> = {},
): Promise<Prepared> {
  const asked = new AskedNeighbours(loaded.machine.interfaces, context.hypervisor);
  const begins = { adoptsData: adoptsData === true, asked };
  return prepare(loaded, context, () => openSshKeys(context.newKeyPairs()), begins);
}

/**
 * As prepareCreate, of a VM whose guest has been another one's.
 * @param copiedBytes how much of its disks is copied
 */
export function prepareClone(
  loaded: LoadedMachine,
  copiedBytes: number,
  context: VmContext,
): Promise<Prepared> {
  const asked = new AskedNeighbours(loaded.machine.interfaces, context.hypervisor);
  return prepare(loaded, context, () => openSshKeys(context.newKeyPairs()), { copiedBytes, asked });
}

/**
 * As prepareCreate, for a dry run: no keys are made, and in their place stands that they will be. The
 * connection should be one for looking only.
 */
export function prepareDryRun(
  loaded: LoadedMachine,
  context: VmContext,
  { adoptsData, ...coming }: Pick<Begins, 'adoptsData' | 'coming' | 'isMediumComing'> = {},
): Promise<Prepared> {
  return prepare(loaded, context, () => UNMADE, { adoptsData: adoptsData === true, ...coming });
}

const UNMADE: HostKeys = {
  ed25519: { privateKey: '(made by create)', publicKey: 'ssh-ed25519 (made by create)' },
  ecdsa: { privateKey: '(made by create)', publicKey: 'ecdsa-sha2-nistp256 (made by create)' },
};

async function prepare(
  given: LoadedMachine,
  context: VmContext,
  makeKeys: () => HostKeys,
  begins: Begins,
): Promise<Prepared> {
  const { copiedBytes, asked } = begins;
  // Other hosts are asked while this one is; what comes of it is looked at with the rest.
  void context.guard?.elsewhere?.();
  const loaded = await withNamedImage(given, context);
  const checked = await preflight(loaded, context, begins);
  const { version, storagePath } = context;
  const hostKeys = loaded.machine.provisioning?.sshHostKeys === true ? makeKeys() : undefined;
  const isClone = copiedBytes !== undefined;
  const self = { uuid: context.newUuid(), createdAt: context.now(), isClone };
  const origin = { ...self, version, storagePath, hostKeys };
  return { plan: planVm(loaded.machine, checked, origin), checked, asked };
}
