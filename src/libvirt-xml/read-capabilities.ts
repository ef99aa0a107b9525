import type { VirtType } from '../config/machine.ts';
import { parseXml } from './parse-xml.ts';
import type { XmlElement } from './parse-xml.ts';

export interface HostFacts {
  /** What x86_64 guests can run as. */
  readonly virtTypes: readonly VirtType[];
  /** Machine types of x86_64 guests, and the most virtual CPUs of each, where libvirt says. */
  readonly machines: ReadonlyMap<string, number | undefined>;
  /** User and group that QEMU runs as; undefined where libvirt does not say. */
  readonly qemuUser: { readonly uid: number; readonly gid: number } | undefined;
}

/** From the capabilities document. https://libvirt.org/formatcaps.html */
export function readCapabilities(capabilitiesDocument: string): HostFacts {
  const capabilities = parseXml(capabilitiesDocument);
  const hvm = capabilities.children('guest').filter((guest) => guest.first('os_type')?.text() === 'hvm');
  const arch = hvm
    .flatMap((guest) => guest.children('arch'))
    .find((one) => one.attribute('name') === 'x86_64');
  const types = arch?.children('domain').map((domain) => domain.attribute('type')) ?? [];
  const dac = capabilities
    .all('host', 'secmodel')
    .find((model) => model.first('model')?.text() === 'dac')
    ?.first('baselabel')
    ?.text();
  const user = /^\+(?<uid>\d+):\+(?<gid>\d+)$/u.exec(dac ?? '')?.groups;
  return {
    machines: new Map(arch === undefined ? [] : machinesOf(arch)),
    virtTypes: (['kvm', 'qemu'] as const).filter((type) => types.includes(type)),
    qemuUser: user && { uid: Number(user['uid']), gid: Number(user['gid']) },
  };
}

/** An alias such as q35 stands beside what it stands for. */
function machinesOf(arch: XmlElement): readonly (readonly [string, number | undefined])[] {
  const all = [...arch.children('machine'), ...arch.all('domain', 'machine')];
  return all.flatMap((machine) => {
    const most = machine.attribute('maxCpus');
    const maxCpus = most === undefined ? undefined : Number(most);
    const names = [machine.text(), machine.attribute('canonical') ?? ''];
    return names.filter((name) => name !== '').map((name) => [name, maxCpus] as const);
  });
}
