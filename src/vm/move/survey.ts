import { PlowError } from '../../errors/plow-error.ts';
import type { FileOf, Leaving } from './leaving.ts';

/** What a move of a VM comes to, before anything is changed. */
export interface MovePlan {
  /** Name of the hypervisor that it would go to. */
  readonly to: string;
  /** `off`: as it is; `cold`: stopped, and started there; `stays`: something is in the way. */
  readonly how: 'off' | 'cold' | 'stays';
  /** Files of its own, with what each takes up. */
  readonly files: readonly PlannedFile[];
  /** Base images that go along. */
  readonly bases: readonly PlannedFile[];
  readonly bytes: number;
  /** How long the copy may take, at 40 MiB a second. */
  readonly seconds: number;
  /** What is in the way. */
  readonly obstacles: readonly string[];
}

export interface PlannedFile {
  readonly path: string;
  readonly bytes: number;
}

/** Bytes: assumed, and not measured. A fast line is faster, a far one much slower. */
const COPIED_A_SECOND = 40 * 2 ** 20;

/** @param bases that go along */
export function movePlan(
  to: string,
  { files, nvram, status }: Leaving,
  bases: readonly FileOf[],
  obstacles: readonly string[],
): MovePlan {
  const own = [...files, ...(nvram === undefined ? [] : [nvram])].map(plannedFile);
  const others = bases.map(plannedFile);
  const bytes = [...own, ...others].reduce((sum, file) => sum + file.bytes, 0);
  const how = obstacles.length > 0 ? 'stays' : status.active ? 'cold' : 'off';
  const seconds = Math.ceil(bytes / COPIED_A_SECOND);
  return { to, how, files: own, bases: others, bytes, seconds, obstacles };
}

function plannedFile({ path, facts }: FileOf): PlannedFile {
  return { path, bytes: facts.allocationBytes };
}

/** Of a VM that goes to none of some hypervisors: a line for each thing that is in the way. */
export function refusal(name: string, plans: readonly Pick<MovePlan, 'to' | 'obstacles'>[]): PlowError {
  const lines = plans.flatMap(({ to, obstacles }) =>
    obstacles.map((one) => `VM '${name}' does not move to ${to}: ${one}`),
  );
  return new PlowError('operation', lines.join('\n'));
}
