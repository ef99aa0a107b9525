import type { create } from 'xmlbuilder2';
import type { Arch, DiskFormat, Machine } from '../../../config/machine.ts';
import type { XmlElement } from '../../read/parse.ts';

/** An element of a document that is being written. */
export type Element = ReturnType<ReturnType<typeof create>['ele']>;

/**
 * A kind of device that plow knows, in a file of its own with what reads it.
 * https://libvirt.org/formatdomain.html#devices
 */
export interface Device {
  /** Adds to `<devices>` what a machine has of it. */
  readonly write: (devices: Element, machine: Machine, placement: DevicePlacement) => void;
  /** Its elements by name, as plow writes them and libvirt fills them in. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Of a device that plow gives every VM. */
  readonly always?: {
    readonly words: string;
    readonly isIn: (devices: XmlElement) => boolean;
  };
}

/** What a machine's configuration does not say. */
export interface DevicePlacement {
  readonly arch: Arch;
  /** The VM's own. */
  readonly directory: string;
  /** Format of the base image, as libvirt found it; undefined without an overlay. */
  readonly backingFormat: DiskFormat | undefined;
  /** The hypervisor is this machine; undefined: it may be another. */
  readonly isHere?: boolean | undefined;
}

/** What an element may be without anybody being told. */
export interface Shape {
  /** Attributes, and what each may be; `true`: anything. Those that are not named here are told. */
  readonly attributes?: Readonly<Record<string, RegExp | true>>;
  /** Elements in it. Those that are not named here are told. */
  readonly children?: Readonly<Record<string, Shape>>;
  /** Elements without which it is another thing. */
  readonly needs?: readonly string[];
  /** What its text may be. */
  readonly text?: RegExp;
  /** In place of all that: one that fits none of these is told as a whole. */
  readonly oneOf?: readonly Shape[];
}

/** An element of which everything is known from elsewhere, or nothing matters. */
export const ANYTHING: Shape = { attributes: { '*': true }, children: { '*': {} } };

/** Where libvirt has put a device. */
export const PLACE = { address: ANYTHING, alias: ANYTHING } as const;
