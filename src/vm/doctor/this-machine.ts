import type { LocalFacts } from '../../hypervisor/local.ts';
import type { Packages } from '../../text/installing.ts';
import { installingThere } from '../installing-there.ts';
import type { Examination, Finding } from './finding.ts';
import { ELSEWHERE, ok, unknown, warning } from './finding.ts';

/** Checks of what surrounds libvirt, which only the machine itself can tell. */

/** Where systemd runs: sd_booted(3). */
const SYSTEMD = '/run/systemd/system';
const GUESTS = 'libvirt-guests';
const GUESTS_PACKAGES: Packages = {
  apt: 'libvirt-daemon-system',
  dnf: 'libvirt-client',
  zypper: 'libvirt-client',
};
/** States of a unit that starts by itself: systemctl(1), is-enabled. */
const STARTS = new Set(['enabled', 'enabled-runtime', 'static', 'alias', 'generated']);

export async function checkShutdown({ context }: Examination): Promise<Finding> {
  if (context.hypervisor.isSession) {
    return warning('shutdown-hard', {
      text: `VMs of a session are powered off hard when the host shuts down: ${GUESTS} looks after the system's`,
      repair: 'plow stop --all before',
    });
  }
  return withSystemd(context.hypervisor.local, async (local) => {
    const state = await local.output('systemctl', ['is-enabled', GUESTS]);
    if (state !== undefined && STARTS.has(state))
      return ok(`${GUESTS} looks after VMs when the host shuts down`);
    const text = 'VMs are powered off hard when the host shuts down';
    if (state === 'disabled') {
      return warning('shutdown-hard', {
        text: `${text}: ${GUESTS} is off`,
        repair: `systemctl enable --now ${GUESTS}`,
      });
    }
    if (state === 'masked' || state === 'masked-runtime') {
      const repair = `systemctl unmask ${GUESTS} && systemctl enable --now ${GUESTS}`;
      return warning('shutdown-hard', { text: `${text}: ${GUESTS} is masked`, repair });
    }
    if (state !== '' && state !== 'not-found') {
      return unknown(`systemctl is-enabled ${GUESTS} says ${state ?? 'nothing'}`);
    }
    return warning('shutdown-hard', {
      text: `${text}: ${GUESTS} is not installed`,
      repair: await installingThere(GUESTS_PACKAGES, local),
    });
  });
}

export async function checkClock({ context }: Examination): Promise<Finding> {
  return withSystemd(context.hypervisor.local, async (local) => {
    const synchronized = await local.output('timedatectl', ['show', '-p', 'NTPSynchronized', '--value']);
    if (synchronized === 'yes') return ok('the clock is synchronised');
    if (synchronized !== 'no') return unknown('timedatectl does not tell whether the clock is synchronised');
    return warning('clock-not-synchronised', {
      text: 'the clock is not synchronised, and guests take their time from it',
      repair: 'timedatectl set-ntp true',
    });
  });
}

async function withSystemd(
  local: LocalFacts | undefined,
  ask: (local: LocalFacts) => Promise<Finding>,
): Promise<Finding> {
  if (local === undefined) return ELSEWHERE;
  return (await local.exists(SYSTEMD)) ? ask(local) : unknown('systemd does not run here');
}
