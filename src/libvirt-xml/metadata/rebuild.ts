import { create } from 'xmlbuilder2';
import { isMap } from '../../config/yaml/raw-value.ts';
import type { FormerParts } from './change.ts';
import { literal } from '../literal.ts';
import { ownElement } from '../read/own-element.ts';
import type { XmlElement } from '../read/parse.ts';

/**
 * A fifth element of plow's in a domain's <metadata>: a new boot disk that was made, or is to be, and the
 * old one that is kept meanwhile. It is there from before the first change until nothing of the other is
 * left.
 */
export const REBUILD_NAMESPACE = { prefix: 'plow-rebuild', uri: 'urn:plow:rebuild:1' } as const;

/**
 * `begun`: the VM has its old disk; whatever has the mark is of no use. `tried`: it has the new one, and the
 * old one can come back. `kept`: it has the new one for good, and the old one is to go.
 */
export const REBUILD_STATES = ['begun', 'tried', 'kept'] as const;
export type RebuildState = (typeof REBUILD_STATES)[number];

export interface Rebuild {
  readonly state: RebuildState;
  /** Of the new files, eight hexadecimal digits. */
  readonly mark: string;
  /** ISO 8601. */
  readonly since: string;
  /** Whether the VM is to run once all is done. */
  readonly runs: boolean;
  /** What the VM had before. */
  readonly old: OldDisk;
}

export interface OldDisk {
  /** Paths from the disk's own file down, in the VM's directory. */
  readonly paths: readonly string[];
  /** Name of the seed, or config, in the VM's directory; undefined: it had none. */
  readonly guestFile: string | undefined;
  /** `qcow2`, `raw`. */
  readonly format: string;
  /** Its `<source>` and `<backingStore>` as libvirt had them. */
  readonly layers: string;
  /** What the metadata said of it, and of the guest. */
  readonly former: FormerParts;
}

const MARK = /^[0-9a-f]{8}$/u;

/** Of a domain's document. */
export function rebuildOf(domain: XmlElement): Rebuild | undefined {
  const element = ownElement(domain, { name: 'rebuild', namespace: REBUILD_NAMESPACE });
  return element && readRebuild(element.text());
}

/** Undefined for what plow does not write. */
function readRebuild(text: string): Rebuild | undefined {
  const value = parsed(text);
  if (!isMap(value) || !isMap(value['old'])) return undefined;
  const { mark, since, runs, old } = value;
  const state = REBUILD_STATES.find((one) => one === value['state']);
  const { paths, guestFile, format, layers, former } = old;
  if (state === undefined || typeof mark !== 'string' || !MARK.test(mark) || typeof runs !== 'boolean')
    return undefined;
  if (typeof since !== 'string' || typeof format !== 'string' || typeof layers !== 'string') return undefined;
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string')) return undefined;
  if (!isMap(former)) return undefined;
  const { bootDisk, image, cloudInit, provisioning, interfaces } = former;
  const parts = { bootDisk, image, cloudInit, provisioning, interfaces };
  const file = typeof guestFile === 'string' ? guestFile : undefined;
  return { state, mark, since, runs, old: { paths, guestFile: file, format, layers, former: parts } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The element on its own, for virDomainSetMetadata, which puts the namespace in itself and refuses one. */
export function rebuildElement(uuid: string, rebuild: Rebuild): string {
  return create()
    .ele('rebuild', { uuid })
    .txt(literal(JSON.stringify(rebuild)))
    .end({ headless: true });
}

/** What a rebuild keeps until the new disk has proved itself. @param directory the VM's own */
export function keptPaths(
  { state, old: { paths, guestFile } }: Rebuild,
  directory: string,
): readonly string[] {
  if (state === 'kept') return [];
  return [...paths, ...(guestFile === undefined ? [] : [`${directory}/${guestFile}`])];
}
