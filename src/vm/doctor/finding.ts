import type { DoctorCode } from '../../config/values/doctor-codes.ts';
import type { VmContext } from '../context.ts';
import type { Source } from '../features/ask.ts';
import type { Directories } from '../host/directories.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import type { DiskUsage } from '../../hypervisor/storage.ts';
import type { RoutingState } from '../routing/judge.ts';
import type { CheckName, Status } from './check-names.ts';
import type { HostProblem } from '../host-problem.ts';

export interface Finding {
  readonly status: Status;
  readonly text: string;
  /** Of a warning or a failure. */
  readonly code?: DoctorCode;
  /** Command for the hypervisor, or what else to do. */
  readonly repair?: string;
}

export interface CheckResult extends Finding {
  readonly check: CheckName;
  /** What it would be, where its status is `ignored`. */
  readonly ignored?: {
    readonly status: 'warning' | 'failure';
    readonly until: string | undefined;
    readonly reason: string | undefined;
  };
  /** The day on which an ignore of it has ended. */
  readonly ignoreEnded?: string;
}

/** What the checks share. */
export interface Examination {
  readonly context: VmContext;
  readonly directories: Directories;
  /** What the hypervisor says of itself; each question is asked once. */
  readonly host: Source;
  /** Of all domains; asked for once, as a QEMU that hangs takes seconds. */
  readonly diskUsages: () => Promise<readonly DiskUsage[]>;
  /** Of all domains, asked for once. */
  readonly documents: () => Promise<readonly DomainDocument[]>;
  /** Looked at once; undefined where nobody has to do with routed VMs. */
  readonly routing: () => Promise<RoutingState | undefined>;
}

/** @throws HypervisorError */
export type Check = (examination: Examination) => Promise<Finding | readonly Finding[]>;

export function ok(text: string): Finding {
  return { status: 'ok', text };
}

export function warning(code: DoctorCode, { text, repair }: HostProblem): Finding {
  return { status: 'warning', code, text, repair };
}

export function failure(code: DoctorCode, { text, repair }: HostProblem): Finding {
  return { status: 'failure', code, text, repair };
}

/** @param why it was not checked */
export function unknown(why: string): Finding {
  return { status: 'unknown', text: `not checked: ${why}` };
}

/** Of what libvirt tells only those who may change it. */
export const READ_ONLY = 'libvirt does not tell that to an account that may only look';

export const ELSEWHERE = unknown('libvirt does not tell; run plow doctor on the hypervisor itself');
