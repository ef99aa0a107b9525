import { HOOK_FILE } from '../../routing/places.ts';
import type { LocalFacts } from '../../hypervisor/local.ts';

/** An administrator's own, as that of an Ansible role. */
const OTHER_HOOK = '/etc/libvirt/hooks/qemu';
const EXECUTABLE = 0o111;

/** `hidden`: whoever runs plow may not look. `closed`: libvirt would pass over it without a word. */
export interface Hook {
  readonly state: 'there' | 'missing' | 'closed' | 'changed' | 'hidden';
  /** An executable hook of somebody else's, which may do the same. */
  readonly other: boolean;
}

/** @param expected its text; undefined: any */
export async function lookAtHook(local: Pick<LocalFacts, 'read' | 'look'>, expected?: string): Promise<Hook> {
  const [entry, text, other] = await Promise.all([
    local.look(HOOK_FILE),
    local.read(HOOK_FILE),
    local.look(OTHER_HOOK),
  ]);
  const hasOther = typeof other === 'object' && other.type === 'file' && (other.mode & EXECUTABLE) !== 0;
  const state = (): Hook['state'] => {
    if (typeof entry === 'string') return entry === 'EACCES' || entry === 'EPERM' ? 'hidden' : 'missing';
    if (entry.type !== 'file') return 'missing';
    if ((entry.mode & EXECUTABLE) === 0) return 'closed';
    return expected !== undefined && text !== undefined && text !== expected ? 'changed' : 'there';
  };
  return { state: state(), other: hasOther };
}
