import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { HOME_NAMESPACE, homeElement, homeOf } from '../../libvirt-xml/move/home.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { bytesText } from '../../text/quantities.ts';
import type { VmContext } from '../context.ts';
import { explain } from '../failure.ts';
import { explainOfVm, presentVm } from '../list/unknown-vm.ts';
import { readDocument } from '../read-document.ts';
import type { End, Ends, MovedVm } from './ends.ts';
import { hostUuid, markIn } from './marks.ts';
import { moveVm, surveyMove } from './move.ts';
import type { MoveWish } from './move.ts';
import { refusal } from './survey.ts';
import type { MovePlan } from './survey.ts';

/** A hypervisor that is made empty, and those that take its VMs, in the order in which they are asked. */
export interface Evacuation {
  readonly from: End;
  readonly targets: readonly End[];
  readonly newHasher: Ends['newHasher'];
}

/** What came of a VM: with a dry run, or where it stays, it has a plan alone. */
export interface Evacuated {
  readonly moved: MovedVm | undefined;
  readonly plan: MovePlan | undefined;
}

/**
 * Moves a VM to the first of some hypervisors that can have it. Where it comes from stands in its metadata
 * from then on, unless it was away from home already.
 * @throws PlowError (operation) where none can have it, and it is no dry run; Interrupted
 */
export async function evacuateVm(name: string, wish: MoveWish, evacuation: Evacuation): Promise<Evacuated> {
  const { from, targets, newHasher } = evacuation;
  using domain = await presentVm(name, from.context.hypervisor);
  const cannot = `cannot move VM '${domain.name}' away from ${from.name}`;
  try {
    const mark = await markIn(domain);
    const onItsWay = targets.find((one) => mark?.role === 'source' && one.name === mark.host);
    const { to, plans } =
      onItsWay === undefined ? await chosen(domain, wish, evacuation) : { to: onItsWay, plans: [] };
    const plan = plans.at(to === undefined ? 0 : -1);
    if (plan !== undefined) tellPlan(domain.name, plan, wish, from.context);
    if (wish.isDryRun) return { moved: undefined, plan };
    if (to === undefined) throw refusal(domain.name, plans);
    await rememberHome(domain, from);
    const ends = { from, to, newHasher };
    const { moved } = await moveVm(name, wish, ends).catch(async (error: unknown) => {
      if (error instanceof PlowError && error.kind !== 'connection') await forgetUnlessAway(domain);
      throw error;
    });
    return { moved, plan };
  } catch (error) {
    throw explainOfVm(error, domain.name, cannot);
  }
}

/** @returns the first that nothing speaks against, and the plans of all that were asked */
async function chosen(
  domain: Domain,
  wish: MoveWish,
  { from, targets, newHasher }: Evacuation,
): Promise<{ readonly to: End | undefined; readonly plans: readonly MovePlan[] }> {
  const plans: MovePlan[] = [];
  for (const to of targets) {
    const plan = await surveyMove(domain, wish, { from, to, newHasher });
    plans.push(plan);
    if (plan.obstacles.length === 0) return { to, plans };
  }
  return { to: undefined, plans };
}

function tellPlan(name: string, plan: MovePlan, { isDryRun }: MoveWish, { progress }: VmContext): void {
  const { to, how, bytes, seconds, obstacles } = plan;
  if (!isDryRun) return;
  if (how === 'stays') {
    progress.note(`VM '${name}' stays: ${obstacles.join('; ')}`);
    return;
  }
  const stop = how === 'cold' ? 'is stopped, and started there' : 'is off, and stays so';
  progress.done(`VM '${name}' would go to ${to}: it ${stop}; ${bytesText(bytes)}, about ${seconds} s`);
}

async function rememberHome(domain: Domain, from: End): Promise<void> {
  const known = homeOf(readDocument({ name: domain.name, xml: await domain.xml('stored') }));
  if (known !== undefined) return;
  const home = { host: from.name, hostUuid: await hostUuid(from.context) };
  await domain.setMetadata(homeElement(domain.uuid, home), HOME_NAMESPACE);
}

/** Where the move has come to nothing it is at home. */
async function forgetUnlessAway(domain: Domain): Promise<void> {
  if ((await markIn(domain)) === undefined) await domain.setMetadata(undefined, HOME_NAMESPACE);
}

/**
 * Names of the VMs of one hypervisor that are at home on another one.
 * @param home where they belong @throws PlowError
 */
export async function awayFrom(home: End, { hypervisor }: VmContext): Promise<readonly string[]> {
  try {
    const uuid = await hostUuid(home.context);
    const documents = await hypervisor.domainDocuments();
    return documents.flatMap(({ name, stored }) => {
      const document = parseIfPossible(stored);
      const own = document && homeOf(document);
      if (own === undefined) return [];
      const isThere =
        own.hostUuid === undefined || uuid === undefined ? own.host === home.name : own.hostUuid === uuid;
      return isThere ? [name] : [];
    });
  } catch (error) {
    throw explain(error, 'operation', `cannot look for VMs that are at home on ${home.name}`);
  }
}

/**
 * Moves a VM home, where nothing tells of its absence any more.
 * @throws PlowError, Interrupted
 */
export async function bringHome(name: string, wish: MoveWish, ends: Ends): Promise<Evacuated> {
  const { hypervisor } = ends.to.context;
  const { moved, plan } = await bringOne(name, wish, ends);
  if (moved === undefined) return { moved, plan };
  try {
    using there = await hypervisor.findDomainByUuid(moved.uuid);
    await there?.setMetadata(undefined, HOME_NAMESPACE);
  } catch (error) {
    throw explainOfVm(error, name, `VM '${name}' is at home, and its metadata do not say so`);
  }
  return { moved, plan };
}

async function bringOne(name: string, wish: MoveWish, ends: Ends): Promise<Evacuated> {
  if (!wish.isDryRun) return moveVm(name, wish, ends);
  using domain = await presentVm(name, ends.from.context.hypervisor);
  try {
    const plan = await surveyMove(domain, wish, ends);
    tellPlan(domain.name, plan, wish, ends.from.context);
    return { moved: undefined, plan };
  } catch (error) {
    throw explainOfVm(error, domain.name, `cannot look at VM '${domain.name}'`);
  }
}
