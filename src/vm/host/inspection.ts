import type { DiskFormat } from '../../config/machine.ts';
import type { HostFacts } from '../../libvirt-xml/read/capabilities.ts';
import type { VmContext } from '../context.ts';
import type { Directories } from './directories.ts';
import type { NotChecked } from './not-checked.ts';
import type { AskedNeighbours } from './asked-neighbours.ts';
import type { Questions } from './questions.ts';

/** A mistake in the configuration that only the hypervisor can tell. */
export type Report = (path: readonly (string | number)[], message: string) => void;

/** A base image that is still to be brought to the hypervisor, and was found sound. */
export interface ComingImage {
  readonly format: DiskFormat;
  /** What a full copy of it takes up. */
  readonly allocationBytes: number;
}

/** What is the same for every machine on a hypervisor. */
export interface Surroundings {
  readonly context: VmContext;
  readonly host: HostFacts;
  readonly directories: Directories;
  readonly questions: Questions;
}

/** What the checks before a create share. */
export interface Inspection extends Surroundings {
  readonly report: Report;
  /** Takes what is odd, and no mistake. */
  readonly doubt?: Report;
  /** What is copied into the directory of the VM besides an image; undefined: nothing. */
  readonly copiedBytes?: number;
  /** Its data disks are to be there already. */
  readonly adoptsData?: boolean;
  /** Who is asked already whether they have its addresses. */
  readonly asked?: AskedNeighbours;
  /** Who answers late is looked at by whoever asked, before the VM is started. */
  readonly looksLater?: boolean;
  /** Its image is not there yet, and this is known of it. */
  readonly coming?: ComingImage | undefined;
  /** So too the ISO of its drive. */
  readonly isMediumComing?: boolean | undefined;
  /** Takes what could not be looked at. */
  readonly notChecked: (one: NotChecked) => void;
}
