import type { Domains } from './domain.ts';
import type { Events } from './events.ts';
import type { FileReading } from './file-heads.ts';
import type { Host } from './host.ts';
import type { Listing } from './listing.ts';
import type { LocalView } from './local.ts';
import type { LibvirtPlaces } from './places.ts';
import type { Reach } from './reach.ts';
import type { Routes } from './routes.ts';
import type { WayIn } from './screen.ts';
import type { Measuring } from './statistics.ts';
import type { Storage } from './storage.ts';

/**
 * What the workflows need of a hypervisor. `libvirt/` fits these interfaces by shape; tests may pass plain
 * objects. Whoever needs one part asks for that part only. Every method that makes a round trip returns a
 * promise and throws HypervisorError. `find…` gives undefined where the thing does not exist.
 */
export interface Hypervisor
  extends Domains, Events, FileReading, Host, Listing, LocalView, Measuring, Reach, Routes, Storage {
  /** The server refuses whatever would change anything. */
  readonly isReadOnly: boolean;
  /** libvirt and its QEMUs work for a user, with their rights and in their home, and not for the system. */
  readonly isSession: boolean;
  /** Undefined for a session of another machine, where they are in somebody's home. */
  readonly places: LibvirtPlaces | undefined;
  readonly wayIn: WayIn;
}
