import { parseXml } from './parse.ts';
import type { XmlElement } from './parse.ts';

/** A CPU in libvirt's words: a model that it knows, and what is different from that. */
export interface CpuModel {
  readonly name: string;
  readonly added: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
}

/**
 * What `host-model` stands for, from a document of domain capabilities: as much as this QEMU can give a guest
 * of that kind. Undefined where it does not say.
 */
export function readHostModel(domainCapabilities: string): CpuModel | undefined {
  const mode = parseXml(domainCapabilities)
    .all('cpu', 'mode')
    .find((one) => one.attribute('name') === 'host-model' && one.attribute('supported') === 'yes');
  return mode && modelIn(mode);
}

/** The CPU of a host of x86_64 itself, from the capabilities document. Undefined where it does not say. */
export function readHostCpu(capabilities: string): CpuModel | undefined {
  const cpu = parseXml(capabilities).first('host', 'cpu');
  return cpu?.first('arch')?.text() === 'x86_64' ? modelIn(cpu) : undefined;
}

function modelIn(element: XmlElement): CpuModel | undefined {
  const name = element.first('model')?.text();
  if (name === undefined || name === '') return undefined;
  const features = element.children('feature').map((one) => ({
    feature: one.attribute('name') ?? '',
    isRemoved: one.attribute('policy') === 'disable',
  }));
  const of = (isRemoved: boolean): ReadonlySet<string> =>
    new Set(features.filter((one) => one.isRemoved === isRemoved).map(({ feature }) => feature));
  return { name, added: of(false), removed: of(true) };
}
