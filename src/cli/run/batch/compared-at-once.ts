/** VMs of one host that are compared at the same time: each waits for answers, and no guest is asked. */
export const COMPARED_AT_ONCE = 16;
