import type { DiskSize, DomainStatus, SeenAddress, Traffic } from '../../hypervisor/domain-facts.ts';
import type { DiskFacts } from '../../libvirt-xml/domain/devices/disk.ts';
import type { InterfaceFacts } from '../../libvirt-xml/domain/devices/interface.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import type { Declared } from '../../libvirt-xml/metadata/declared.ts';
import type { DeclaredAddress } from '../list/list.ts';
import type { StateTimes } from './state-times.ts';

/** All that there is to tell of a VM. */
export interface VmDetails extends Omit<DomainStatus, 'documents'>, StateTimes {
  readonly name: string;
  readonly uuid: string;
  /** A create is under way, or died. */
  readonly incomplete: boolean;
  /** The hypervisor is this machine. */
  readonly isHere?: boolean;
  /** As it runs, or as it is stored if it does not. */
  readonly facts: DomainFacts;
  readonly disks: readonly DiskDetails[];
  readonly interfaces: readonly InterfaceDetails[];
  /** Those of no interface that libvirt knows, such as a bridge inside the guest. */
  readonly otherAddresses: readonly SeenAddress[];
  /** What Ignition in its guest reads; undefined where there is nothing for it. */
  readonly ignition: IgnitionDetails | undefined;
  /** What plow knows of a VM that it made. */
  readonly own: OwnDetails | undefined;
  readonly differences: readonly Difference[];
  /** How large the disks are was not told in time: its QEMU hangs, or what they lie on. */
  readonly isLate: boolean;
  /** Its agent could tell more addresses, and was not asked: the connection is one for looking. */
  readonly isGuestUnasked: boolean;
}

export interface DiskDetails extends DiskFacts {
  readonly size: DiskSize | undefined;
  /** Whether there is a file; undefined where that cannot be told from here, and for what is no file. */
  readonly exists: boolean | undefined;
  /** Of `backing` those that are not there, as far as that can be told from here. */
  readonly missingBacking: readonly string[];
}

export interface InterfaceDetails extends InterfaceFacts {
  readonly declared: readonly Pick<DeclaredAddress, 'address' | 'prefixLength'>[];
  readonly seen: readonly SeenAddress[];
  readonly traffic: Traffic | undefined;
}

export interface OwnDetails {
  readonly version: string;
  /** ISO 8601. */
  readonly created: string;
  readonly directory: string;
  readonly declared: Declared;
  /** Of cloud-init. */
  readonly seed: SeedDetails | undefined;
}

export interface SeedDetails {
  readonly path: string;
  /** Undefined where that cannot be told from here. */
  readonly exists: boolean | undefined;
}

export interface IgnitionDetails extends SeedDetails {
  /** By which the guest finds it; undefined where its firmware hands it on no more. */
  readonly name: string | undefined;
}

/** Null: there is none. */
export type Value = string | number | boolean | null;

/** Something of a VM that is not everywhere the same: as plow made it, as it is stored, as it runs. */
export interface Difference {
  /** `vcpus`, `disk vdb`, `disk vdb cache`, `interface 52:54:00:11:22:33`... */
  readonly what: string;
  /** As plow made it; undefined where plow did not, or said nothing about it. */
  readonly declared: Value | undefined;
  /** As it is from the next start on. */
  readonly stored: Value;
  /** As it runs; undefined for a VM that does not. */
  readonly live: Value | undefined;
  /** What is stored takes effect when the VM is stopped and started again. */
  readonly needsRestart: boolean;
  /** It was changed since plow made it. */
  readonly changed: boolean;
}
