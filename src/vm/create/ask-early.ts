import { posix } from 'node:path';
import { imagesOf } from '../../config/machine/media.ts';
import type { Machine } from '../../config/machine.ts';
import { HEAD_BYTES } from '../image-format/head.ts';
import { allOf, isElsewhere } from '../at-once.ts';
import { wayOf } from '../host/directories.ts';
import type { DirectoryView, EarlyDirectories } from '../host/directories.ts';
import type { Surroundings } from '../host/inspection.ts';
import { bridgesOf } from '../network/bridge.ts';
import { whyNotLookedAt } from '../image/check.ts';
import { judgeNeeded } from './check-features.ts';
import { chooseKind } from './choose-kind.ts';
import { learnWhetherFree } from '../storage/directory-pool.ts';

/** What is known of a hypervisor before its capabilities are. */
export interface Early extends Pick<Surroundings, 'context' | 'questions'> {
  readonly directories: EarlyDirectories;
  readonly host: Promise<Surroundings['host']>;
}

/**
 * Asks a hypervisor elsewhere at the same time what the checks of these machines will ask one after the
 * other. They stay as they are: each has its answer waiting, says what it says in its order, and asks for
 * what was not foreseen.
 * @returns a promise that never fails, and ends when nothing is under way any more
 */
export async function askEarly(machines: readonly Machine[], early: Early): Promise<void> {
  const { context, questions } = early;
  if (machines.length === 0 || !isElsewhere(context.hypervisor)) return;
  const bridges = new Set(machines.flatMap(({ interfaces }) => bridgesOf(interfaces)));
  await Promise.allSettled([
    early.host,
    questions.documents(),
    questions.memory(),
    ...[...bridges].map((bridge) => questions.findInterface(bridge)),
    ...machines.map((machine) => askForFeatures(machine, early)),
    lookAtDirectories(machines, early),
  ]);
}

/** Of what it will be asked for is known only with the capabilities. */
async function askForFeatures(machine: Machine, early: Early): Promise<void> {
  const host = await early.host;
  await judgeNeeded(
    machine,
    chooseKind(machine, host, () => {}),
    host,
    early.questions.source,
  );
}

async function lookAtDirectories(machines: readonly Machine[], early: Early): Promise<void> {
  const { context, directories } = early;
  const { storagePath } = context;
  const images = new Set(machines.flatMap(imagesOf));
  const names = machines.map(({ name }) => name);
  const there = (view: DirectoryView): Promise<unknown> =>
    allOf([lookForOwn(names, view), ...imagesIn(storagePath, images, view, early)]);
  const places = new Set([...images].map((image) => posix.dirname(image)));
  await allOf([
    directories.lookEarly(storagePath, there),
    lookAbove(storagePath, early),
    ...[...places].map((place) => lookAtImages(place, images, early)),
  ]);
}

/** Directories of the VMs' own that are there already. */
async function lookForOwn(names: readonly string[], view: DirectoryView): Promise<void> {
  const found = (await view.names()) ?? [];
  await allOf(names.filter((name) => found.includes(name)).map((name) => view.entry(name)));
}

/** None is looked at whose path forbids it. */
async function lookAtImages(place: string, images: ReadonlySet<string>, early: Early): Promise<void> {
  const { context, directories } = early;
  const here = [...images].filter((image) => posix.dirname(image) === place);
  const lendsPool = place !== context.storagePath && !context.hypervisor.isReadOnly;
  // Who needs it asks again, and is told.
  const learning = lendsPool ? learnWhetherFree(place, context).catch(() => {}) : Promise.resolve();
  const allowed = await allOf(here.map((image) => mayBeLookedAt(image, early)));
  await learning;
  if (!allowed.includes(true)) return;
  const above = lookAbove(place, early);
  if (place !== context.storagePath)
    await directories.lookEarly(place, (view) =>
      allOf([view.names(), ...imagesIn(place, images, view, early)]),
    );
  await above;
}

function imagesIn(
  place: string,
  images: ReadonlySet<string>,
  view: DirectoryView,
  early: Early,
): readonly Promise<void>[] {
  const here = [...images].filter((image) => posix.dirname(image) === place);
  return here.map(async (image) => {
    if (!(await mayBeLookedAt(image, early))) return;
    const name = posix.basename(image);
    const facts = await view.entry(name);
    if (facts?.type === 'file') await view.head(name, HEAD_BYTES);
  });
}

async function mayBeLookedAt(image: string, { context, questions }: Early): Promise<boolean> {
  return (await whyNotLookedAt(image, { context, questions, notChecked: () => {} })) === undefined;
}

/** Whether QEMU's user passes is asked of each directory, if libvirt says who that is. */
async function lookAbove(directory: string, { directories, host }: Early): Promise<void> {
  if ((await host).qemuUser === undefined) return;
  const above = wayOf(directory).filter((path) => path !== directory);
  await allOf(above.map((path) => directories.lookEarly(path)));
}
