/** A truth in words; undefined where it is not known. */
export function yesNo(value: boolean): string;
export function yesNo(value: boolean | undefined): string | undefined;
export function yesNo(value: boolean | undefined): string | undefined {
  if (value === undefined) return undefined;
  return value ? 'yes' : 'no';
}
