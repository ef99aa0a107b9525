import type { Examination, Finding } from './finding.ts';
import { ELSEWHERE, ok, unknown, warning } from './finding.ts';

/** Of the system's daemon. https://gitlab.com/libvirt/libvirt/-/blob/master/src/qemu/qemu.conf.in */
const QEMU_CONF = '/etc/libvirt/qemu.conf';
const HANDLER = /^[ \t]*stdio_handler[ \t]*=[ \t]*["'](?<handler>\w*)["']/mu;

/** Whether anything bounds what the console of a guest writes to its log. */
export async function checkConsoleLog({ context }: Examination): Promise<Finding> {
  const { local } = context.hypervisor;
  if (local === undefined) return ELSEWHERE;
  const text = await local.read(QEMU_CONF);
  if (text === undefined) return unknown(`${QEMU_CONF} cannot be read`);
  const handler = HANDLER.exec(text)?.groups?.['handler'] ?? 'logd';
  if (handler !== 'file') return ok('virtlogd bounds the logs of consoles');
  return warning({
    text: `nothing bounds the logs of consoles, and a guest can fill the disk: ${QEMU_CONF} has stdio_handler = "file"`,
    repair: 'write stdio_handler = "logd" there, restart libvirtd, and stop and start the VMs',
  });
}
