import type { FwCfgFile } from '../../../config/machine/extras.ts';
import { literal } from '../../literal.ts';
import type { XmlElement } from '../../read/parse.ts';
import type { Element, Shape } from '../devices/device.ts';

/**
 * Files that the guest reads by name, below /sys/firmware/qemu_fw_cfg/by_name. By file only: libvirt 9.0
 * hands a text on to QEMU's options as it is, commas included.
 * https://libvirt.org/formatdomain.html#fwcfg
 */
export function addFwCfg(domain: Element, files: readonly FwCfgFile[]): void {
  if (files.length === 0) return;
  const sysinfo = domain.ele('sysinfo', { type: 'fwcfg' });
  for (const { name, file } of files) sysinfo.ele('entry', { name: literal(name), file: literal(file) });
}

/** As libvirt keeps it; what is not from a file is told as odd. */
export const FW_CFG: Shape = {
  oneOf: [
    {
      attributes: { type: /^fwcfg$/u },
      children: { entry: { attributes: { name: true, file: true }, text: /^$/u } },
    },
  ],
};

/** A command line of QEMU's own that says nothing else. */
export const FW_CFG_OPTIONS: Shape = {
  oneOf: [
    { children: { arg: { attributes: { value: /^(?:-fw_cfg|(?:name=)?opt\/[^,=]+,file=\/[^,]+)$/u } } } },
  ],
};

export function readFwCfg(domain: XmlElement): readonly FwCfgFile[] {
  const written = domain
    .children('sysinfo')
    .filter((one) => one.attribute('type') === 'fwcfg')
    .flatMap((one) => one.children('entry'))
    .map((entry) => ({ name: entry.attribute('name'), file: entry.attribute('file') }));
  return [...written, ...onCommandLine(domain)].flatMap(({ name, file }) =>
    name === undefined || file === undefined ? [] : [{ name, file }],
  );
}

/** As older tools give them to QEMU itself: `-fw_cfg name=opt/a,file=/b`. */
function onCommandLine(domain: XmlElement): readonly Partial<FwCfgFile>[] {
  const values = domain.all('commandline', 'arg').map((arg) => arg.attribute('value') ?? '');
  return values.flatMap((value, index) => (values[index - 1] === '-fw_cfg' ? [fwCfgOption(value)] : []));
}

const OPTION = /^(?:name=)?(?<name>opt\/[^,=]+),file=(?<file>\/[^,]+)$/u;

/** Nothing where it is not a name and a file and no more. */
function fwCfgOption(value: string): Partial<FwCfgFile> {
  const { name, file } = OPTION.exec(value)?.groups ?? {};
  return name === undefined || file === undefined ? {} : { name, file };
}
