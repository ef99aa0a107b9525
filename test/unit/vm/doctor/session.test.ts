import { describe, expect, it } from 'vitest';
import { checkBridges } from '../../../../src/vm/doctor/bridges.ts';
import { checkConsoleLog } from '../../../../src/vm/doctor/console-log.ts';
import { checkKvm } from '../../../../src/vm/doctor/kvm.ts';
import { checkSecurity } from '../../../../src/vm/doctor/security.ts';
import { checkShutdown } from '../../../../src/vm/doctor/this-machine.ts';
import type { TestContext } from '../context.ts';
import { host, look, machine } from './look.ts';

const RESTART = 'kill $(cat "$XDG_RUNTIME_DIR"/libvirt/{libvirtd,virtqemud}.pid 2>/dev/null)';

/** A session on a machine with these files. */
function session(files: Readonly<Record<string, string>>, virtTypes = ['qemu']): TestContext {
  return host((hypervisor) => {
    Object.assign(hypervisor, { isSession: true, local: machine(files), virtTypes });
  });
}

describe('in a session doctor', () => {
  it('repairs the libvirt of the user', async () => {
    expect(await look(checkKvm, session({ '/dev/kvm': '' }))).toStrictEqual([
      `warning: libvirt offers no KVM, though /dev/kvm is there (it looked before, or may not open it); VMs run under emulation, which is much slower → sudo usermod -aG kvm $USER, log in again, and ${RESTART}`,
    ]);
  });

  it('knows what SELinux calls the home of images', async () => {
    const label = 'unconfined_u:object_r:svirt_home_t:s0';
    const local = machine({ '/sys/fs/selinux/enforce': '1' }, { 'stat -L -c %C -- /images': label });
    const secmodels = '<secmodel><model>selinux</model><doi>0</doi></secmodel>';
    const told = (isSession: boolean): Promise<readonly string[]> =>
      look(
        checkSecurity,
        host((hypervisor) => void Object.assign(hypervisor, { isSession, local, secmodels })),
      );
    expect(await told(true)).toStrictEqual(['ok: SELinux: /images is labelled svirt_home_t']);
    expect((await told(false)).join('')).toMatch(/^warning: SELinux may keep QEMU from \/images/u);
  });

  it('knows that nobody looks after VMs when the host shuts down', async () => {
    expect(await look(checkShutdown, session({}))).toStrictEqual([
      "warning: VMs of a session are powered off hard when the host shuts down: libvirt-guests looks after the system's → plow stop --all before",
    ]);
  });

  it('takes a file of libvirt that is not there for an empty one', async () => {
    expect(await look(checkConsoleLog, session({}))).toStrictEqual([
      'ok: virtlogd bounds the logs of consoles',
    ]);
  });

  it('misses no bridge that root did not allow where another is', async () => {
    const well = 'ok: br0 (no port), br1 (no port)';
    const allowed = session({ '/etc/qemu/bridge.conf': 'allow br1\n' });
    expect(await look(checkBridges, allowed)).toStrictEqual([well]);
    expect(await look(checkBridges, session({}))).toStrictEqual([
      well,
      "failure: QEMU's bridge helper serves no bridge, as there is no /etc/qemu/bridge.conf, or it may not read it → sudo mkdir -p /etc/qemu && echo 'allow br0' | sudo tee -a /etc/qemu/bridge.conf",
    ]);
  });
});
