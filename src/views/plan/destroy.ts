import type { DestroyPlanDocument } from '../../documents/destroy-plan-schema.ts';
import { printable } from '../../text/printable.ts';
import type { DestroyPlan } from '../../vm/destroy/plan.ts';

/** What a destroy would do, for people. */
export function destroyPlanLines(plan: DestroyPlan): readonly string[] {
  const { name, uuid, runs, isProtected, isForeign, goes, stays, missing } = plan;
  const states = [
    runs ? 'which runs' : 'which is off',
    ...(isForeign ? ['was not made by plow'] : []),
    ...(isProtected ? ['is protected (it is not destroyed until plow unprotect lifts it)'] : []),
  ];
  const lines = [
    `VM '${name}' (${uuid}), ${states.join(' and ')}`,
    ...goes.map(({ kind, what, why }) => `  goes:  ${what === kind ? what : `${kind} ${what}`} (${why})`),
    ...[...stays].map(([what, why]) => `  stays: ${what} (${why})`),
    ...missing.map((what) => `  not there: ${what}`),
  ];
  return lines.map(printable);
}

/** The same for programs. */
export function destroyPlanDocument(plan: DestroyPlan): DestroyPlanDocument {
  const { name, uuid, runs, isProtected, isForeign, goes, stays, missing } = plan;
  return {
    name,
    uuid,
    runs,
    protected: isProtected,
    made_by_plow: !isForeign,
    goes: goes.map(({ kind, what, why }) => ({ kind, what, why })),
    stays: [...stays].map(([what, why]) => ({ what, why })),
    missing: [...missing],
  };
}
