import { describe, expect, it } from 'vitest';
import { checkConsoleLog } from '../../../../src/vm/doctor/console-log.ts';
import { checkClock, checkShutdown } from '../../../../src/vm/doctor/this-machine.ts';
import { host, look, machine } from './look.ts';

const SYSTEMD = { '/run/systemd/system': '' };
const IS_ENABLED = 'systemctl is-enabled libvirt-guests';
const SYNCHRONIZED = 'timedatectl show -p NTPSynchronized --value';

it.each([
  ['shutdown', checkShutdown],
  ['clock', checkClock],
])('%s cannot be told of another machine, nor without systemd', async (_, check) => {
  expect(await look(check, host())).toStrictEqual([
    'unknown: not checked: libvirt does not tell; run plow doctor on the hypervisor itself',
  ]);
  const local = machine({}, { [IS_ENABLED]: 'disabled', [SYNCHRONIZED]: 'no' });
  expect(
    await look(
      check,
      host((hypervisor) => (hypervisor.local = local)),
    ),
  ).toStrictEqual(['unknown: not checked: systemd does not run here']);
});

describe('the end of the host', () => {
  const CUT = 'warning: VMs are powered off hard when the host shuts down: libvirt-guests is';
  const INSTALL =
    'apt install libvirt-daemon-system (Debian, Ubuntu), dnf install libvirt-client (Fedora, RHEL) or zypper install libvirt-client (openSUSE, SLES)';

  it.each<[string | undefined, string]>([
    ['enabled', 'ok: libvirt-guests looks after VMs when the host shuts down'],
    ['static', 'ok: libvirt-guests looks after VMs when the host shuts down'],
    ['disabled', `${CUT} off → systemctl enable --now libvirt-guests`],
    ['masked', `${CUT} masked → systemctl unmask libvirt-guests && systemctl enable --now libvirt-guests`],
    ['', `${CUT} not installed → ${INSTALL}`],
    ['not-found', `${CUT} not installed → ${INSTALL}`],
    ['bad', 'unknown: not checked: systemctl is-enabled libvirt-guests says bad'],
    [undefined, 'unknown: not checked: systemctl is-enabled libvirt-guests says nothing'],
  ])('with libvirt-guests %j', async (state, found) => {
    const local = machine(SYSTEMD, state === undefined ? {} : { [IS_ENABLED]: state });
    expect(
      await look(
        checkShutdown,
        host((hypervisor) => (hypervisor.local = local)),
      ),
    ).toStrictEqual([found]);
  });
});

describe('the clock', () => {
  it.each<[string | undefined, string]>([
    ['yes', 'ok: the clock is synchronised'],
    [
      'no',
      'warning: the clock is not synchronised, and guests take their time from it → timedatectl set-ntp true',
    ],
    ['', 'unknown: not checked: timedatectl does not tell whether the clock is synchronised'],
    [undefined, 'unknown: not checked: timedatectl does not tell whether the clock is synchronised'],
  ])('of which timedatectl says %j', async (says, found) => {
    const local = machine(SYSTEMD, says === undefined ? {} : { [SYNCHRONIZED]: says });
    expect(
      await look(
        checkClock,
        host((hypervisor) => (hypervisor.local = local)),
      ),
    ).toStrictEqual([found]);
  });
});

describe('the logs of consoles', () => {
  const BOUND = 'ok: virtlogd bounds the logs of consoles';
  const FREE =
    'warning: nothing bounds the logs of consoles, and a guest can fill the disk: /etc/libvirt/qemu.conf has stdio_handler = "file" → write stdio_handler = "logd" there, restart libvirtd, and stop and start the VMs';

  it.each([
    ['#stdio_handler = "file"\n', BOUND],
    ['stdio_handler = "logd"\n', BOUND],
    ['user = "x"\n\tstdio_handler="file" # mine\n', FREE],
    [undefined, 'unknown: not checked: /etc/libvirt/qemu.conf cannot be read'],
  ])('where qemu.conf is %j', async (text, found) => {
    const local = machine(text === undefined ? {} : { '/etc/libvirt/qemu.conf': text });
    const context = host((hypervisor) => (hypervisor.local = local));
    expect(await look(checkConsoleLog, context)).toStrictEqual([found]);
  });

  it('cannot be told of another machine', async () => {
    expect(await look(checkConsoleLog, host())).toStrictEqual([
      'unknown: not checked: libvirt does not tell; run plow doctor on the hypervisor itself',
    ]);
  });
});
