import type { Shape } from '../domain/devices/device.ts';
import type { XmlElement } from '../read/parse.ts';

/** Words for what does not fit, for instance `cpu topology (1 2 2)`. @param path of the element, in words */
export function misfits(element: XmlElement, shape: Shape, path: string): readonly string[] {
  const lacks = shape.needs?.find((name) => element.first(name) === undefined);
  if (lacks !== undefined) return [`${path} without ${lacks}`];
  return [
    ...attributeMisfits(element, shape, path),
    ...(shape.text === undefined || shape.text.test(element.text().trim())
      ? []
      : [`${path}: ${element.text().trim()}`]),
    ...element.children().flatMap((child) => childMisfits(child, shape.children ?? {}, path)),
  ];
}

function attributeMisfits(element: XmlElement, { attributes = {} }: Shape, path: string): readonly string[] {
  if (attributes['*'] !== undefined) return [];
  return element.attributeNames().flatMap((name) => {
    const fits = attributes[name];
    const value = element.attribute(name) ?? '';
    const isFine = name.startsWith('xmlns') || fits === true || fits?.test(value) === true;
    return isFine ? [] : [`${path === '' ? element.name : path} ${name}=${value}`];
  });
}

function childMisfits(
  child: XmlElement,
  shapes: Readonly<Record<string, Shape>>,
  path: string,
): readonly string[] {
  if (shapes['*'] !== undefined) return [];
  const words = `${path === '' ? '' : `${path} `}${named(child)}`;
  const shape = Object.hasOwn(shapes, child.name) ? shapes[child.name] : undefined;
  if (shape === undefined) return [telling(child, words)];
  if (shape.oneOf === undefined) return misfits(child, shape, words);
  const fits = shape.oneOf.some((one) => misfits(child, one, words).length === 0);
  return fits ? [] : [telling(child, words)];
}

/** Of several of a kind, which one it is. */
function named(element: XmlElement): string {
  const name = element.first('mac')?.attribute('address') ?? element.first('target')?.attribute('dev') ?? '';
  return ['disk', 'interface'].includes(element.name) && name !== ''
    ? `${element.name} ${name}`
    : element.name;
}

/** More of an element than this is not to be read in a comment. */
const MOST_WORDS = 8;

/** Its kind, and what tells it from others: `hostdev (subsystem pci 0x0000 0x01 0x00 0x0)`. */
function telling(element: XmlElement, words: string): string {
  const values = valuesIn(element).slice(0, MOST_WORDS);
  return values.length === 0 ? words : `${words} (${values.join(' ')})`;
}

const TELLING: ReadonlySet<string> = new Set(
  'type model mode name value state bus dev file dir path uri domain slot function id order tickpolicy'.split(
    ' ',
  ),
);

function valuesIn(element: XmlElement): readonly string[] {
  // What a command line or firmware is given may be a password.
  if (element.name === 'env' || element.name === 'arg' || element.name === 'entry') {
    return [element.attribute('name') ?? '…'];
  }
  const own = element.attributeNames().filter((name) => TELLING.has(name));
  // Where it is plugged in is the hypervisor's business, and what it listens at is as well.
  const parts = element
    .children()
    .filter(({ name }) => name !== 'listen' && (name !== 'address' || element.name === 'source'));
  const text = element.text().trim();
  return [
    ...own.map((name) => element.attribute(name) ?? ''),
    ...(text === '' ? [] : [text]),
    ...parts.flatMap(valuesIn),
  ];
}
