import { create } from 'xmlbuilder2';
import { addCopy, attributesOf } from '../../read/copy.ts';
import { literal } from '../../literal.ts';
import type { XmlElement } from '../../read/parse.ts';
import type { Element } from './device.ts';

/** Of a source, what tells what is in the drive. */
const OF_MEDIUM: ReadonlySet<string> = new Set(['file', 'index']);

/** These are made anew, or are about the file that was there. */
const OF_SOURCE: ReadonlySet<string> = new Set(['source', 'backingStore', 'mirror']);

/** The element of a drive in the document of a domain. */
export function driveIn(document: XmlElement, target: string): XmlElement | undefined {
  return document.all('devices', 'disk').find((disk) => disk.first('target')?.attribute('dev') === target);
}

/** The element as it is, to be written back. */
export function sameDriveXml(drive: XmlElement): string {
  const copy = create().ele('disk', attributesOf(drive));
  for (const child of drive.children()) addCopy(copy, child);
  return copy.end({ headless: true });
}

/**
 * A drive with another file in it, or none, and all else as it was. A new medium is raw, whatever the one
 * before was, and stays its owner's; what tells how to read the one before goes with it.
 * @param drive its element, which has a file in it or nothing
 */
export function driveXml(drive: XmlElement, image: string | undefined): string {
  const copy = create().ele('disk', { ...attributesOf(drive), type: 'file' });
  for (const child of drive.children()) if (!OF_SOURCE.has(child.name)) addChild(copy, child);
  addSource(copy, drive.first('source'), image);
  return copy.end({ headless: true });
}

function addChild(copy: Element, child: XmlElement): void {
  if (child.name === 'driver') copy.ele('driver', { ...attributesOf(child), type: 'raw' });
  // Whether its tray is open is no word of ours.
  else if (child.name === 'target') copy.ele('target', attributesOf(child, 'tray'));
  else addCopy(copy, child);
}

function addSource(copy: Element, before: XmlElement | undefined, image: string | undefined): void {
  const labels = before?.children('seclabel') ?? [];
  const others = labels.filter((label) => label.attribute('model') !== 'dac');
  const owner = labels.find((label) => label.attribute('model') === 'dac');
  const kept = before === undefined ? {} : attributesOf(before, ...OF_MEDIUM);
  if (image === undefined) {
    const isOurs = kept['startupPolicy'] === 'optional' && owner?.attribute('relabel') === 'no';
    if (labels.length === 0 || (isOurs && others.length === 0)) return;
    const source = copy.ele('source', kept);
    for (const label of labels) addCopy(source, label);
    return;
  }
  const source = copy.ele('source', { startupPolicy: 'optional', ...kept, file: literal(image) });
  for (const label of others) addCopy(source, label);
  if (owner === undefined) source.ele('seclabel', { model: 'dac', relabel: 'no' });
  else addCopy(source, owner);
}
