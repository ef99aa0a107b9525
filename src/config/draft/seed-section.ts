import type { DraftValues } from './draft.ts';

type Provisioning = NonNullable<DraftValues['provisioning']>;

/** What cloud-init is told: the keys of `cloud_init`, and what only `provisioning` has a word for. */
export type SeedSection = NonNullable<DraftValues['cloud_init']> & Pick<Provisioning, 'console_autologin'>;

/** The section that has words for all of it: `cloud_init`, unless it takes `provisioning`. */
export function seedValues(section: SeedSection): Pick<DraftValues, 'cloud_init' | 'provisioning'> {
  const { console_autologin, ...others } = section;
  if (console_autologin === undefined) return { cloud_init: others };
  const { bus, user_data, ...guest } = others;
  return {
    provisioning: { format: 'cloud-init', ...guest, console_autologin, cloud_init: { bus, user_data } },
  };
}

/** What a draft tells cloud-init, whichever section says it. */
export function seedSection({ cloud_init, provisioning }: DraftValues): SeedSection {
  if (provisioning?.format !== 'cloud-init') return cloud_init ?? {};
  const { format: _, cloud_init: seed = {}, ...guest } = provisioning;
  return { ...guest, ...seed };
}
