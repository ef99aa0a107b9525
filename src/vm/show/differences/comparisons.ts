import type { Compared, Field } from '../fields/field.ts';

/** What is compared, and how it is called. */
export interface Comparison extends Compared {
  readonly what: string;
}

/** Of the fields of one thing. @param of what it is, with a blank behind it */
export function comparisons<Of>(
  of: string,
  fields: readonly Field<never, never, Of>[],
  sides: Of,
): readonly Comparison[] {
  return fields.flatMap(({ key, compare }) => {
    const compared = compare?.(sides);
    return compared === undefined ? [] : [{ what: `${of}${key}`, ...compared }];
  });
}
