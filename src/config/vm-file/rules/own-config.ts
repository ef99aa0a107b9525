import { oncePerText } from '../../values/key-file.ts';
import { isMap, valueAt } from '../../yaml/raw-value.ts';
import { shellArgument } from '../../../text/shell-quote.ts';
import { quote } from '../../../text/quote.ts';

/** What is wrong with an Ignition config of the user's own. Texts of it are not repeated. */
export function ownConfigMistake(text: string, file: string): string | undefined {
  const config = parsed(text);
  if (config === undefined) {
    return isButane(text)
      ? `${quote(file)} is a Butane config: run butane --strict ${shellArgument(file)} > ${shellArgument(outcome(file))}, and name what it writes`
      : `${quote(file)} is no JSON, of which Ignition configs are`;
  }
  const version = valueAt(valueAt(config, 'ignition'), 'version');
  if (typeof version !== 'string')
    return `${quote(file)} has no ignition.version, so it is no Ignition config`;
  if (/^3\.\d+\.\d+(?:-\w+)?$/u.test(version)) return undefined;
  if (/^[12]\./u.test(version))
    return `${quote(file)} is of an older spec than 3, which guests of today do not read: ign-converter writes it anew, or Butane from its own words`;
  return `${quote(file)} is of a spec that is not known: plow takes 3.x`;
}

const parsed = oncePerText((text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
});

/** YAML with a line that says for which system it is. */
function isButane(text: string): boolean {
  return /^["']?variant["']?\s*:/mu.test(text);
}

function outcome(file: string): string {
  return `${file.replace(/\.(?:bu|ya?ml)$/u, '')}.ign`;
}
