import type { DomainState, SeenAddress } from '../../hypervisor/domain-facts.ts';
import type { Answer } from '../../hypervisor/reach.ts';
import type { AgentWord } from './agent-word.ts';
import type { ConsoleFacts } from './console-facts.ts';

/** What can be waited for. */
export const CONDITIONS = ['running', 'address', 'ssh', 'cloud-init', 'stopped'] as const;

export type Condition = (typeof CONDITIONS)[number];

/** How far a VM has come, in order. */
export const STEPS = [
  'off',
  'running',
  'firmware',
  'kernel',
  'system',
  'cloud-init',
  'address',
  'ssh',
  'done',
] as const;

export type Step = (typeof STEPS)[number];

/** What a VM was made with, as far as plow knows. */
export interface Expected {
  /** Of the interface with the default route. Undefined: nobody has declared one. */
  readonly address: string | undefined;
  /** Of the same interface, where it is none of the guest itself. */
  readonly gateway: string | undefined;
  /** Of its interfaces, lower case. */
  readonly macs: readonly string[];
  /** Public halves, as type and key; none where they are not known. */
  readonly hostKeys: readonly string[];
  /** plow made it with a seed for cloud-init. */
  readonly hasSeed: boolean;
  /** Its firmware hands on a config for Ignition. */
  readonly hasIgnition: boolean;
  /** It has a channel for a guest agent. */
  readonly hasAgent: boolean;
  /** Its firmware tries a network, and goes on to the disk after that. */
  readonly triesNetwork: boolean;
}

/** All that one look at a VM has brought. */
export interface Evidence {
  readonly state: DomainState;
  /** In the words of `virsh domstate --reason`. */
  readonly reason: string | undefined;
  /** libvirt has told that it stopped, since the wait began. */
  readonly hasStopped: boolean;
  /** It ran when the wait began, or since. */
  readonly hasRun: boolean;
  /** Undefined: nobody keeps it, or it cannot be read. */
  readonly told: ConsoleFacts | undefined;
  /** Undefined: its agent does not say, or was not asked. */
  readonly agent: AgentWord | undefined;
  readonly seen: readonly SeenAddress[];
  /** Of the address at which the guest should be; undefined where nobody asked. */
  readonly answer: Answer | undefined;
  /** The hypervisor is this machine: it knows the guest's networks. */
  readonly isLocal: boolean;
  readonly ages: Ages;
}

/** For how long something has been so, in milliseconds; 0 for what is not. */
export interface Ages {
  /** cloud-init has said its last word. */
  readonly finished: number;
  /** The network did not come up. */
  readonly network: number;
  /** The system lets people log in. */
  readonly login: number;
  /** Neither is its console kept nor does its agent say anything. */
  readonly unheard: number;
  /** Nothing came on the console, and next to nothing was read of the disks. */
  readonly idle: number;
  /** The hypervisor knows an address of the VM, as it may have been before. */
  readonly neighbour: number;
  /** The address has the MAC address of another machine. */
  readonly stranger: number;
}
