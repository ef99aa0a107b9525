import { checkText } from '../config/vm-file/check.ts';
import { loadMachine } from '../config/vm-file/load.ts';
import { loadSettings } from '../config/settings/load.ts';
import { METADATA_NAMESPACE } from '../libvirt-xml/metadata/metadata.ts';
import { readDomain } from '../libvirt-xml/domain/read.ts';
import { metadataInDomain } from '../libvirt-xml/metadata/read.ts';
import { parseXml } from '../libvirt-xml/read/parse.ts';
import { readCapabilities } from '../libvirt-xml/read/capabilities.ts';
import { readVolume } from '../libvirt-xml/read/storage.ts';
import { readDisks } from '../libvirt-xml/read/used-files.ts';
import { poolXml, volumeXml } from '../libvirt-xml/write/storage.ts';
import { frameLines } from '../terminal/frame.ts';
import { TABLE_COLUMNS, vmColumns } from '../views/list/columns.ts';
import { renderTable } from '../terminal/table.ts';
import { planVm } from '../vm/create/plan.ts';
import { toRow, writtenOf } from '../vm/list/list.ts';

/**
 * Runs everything pure in the program once. The build calls it before it saves V8's code cache, which holds
 * what has been compiled by then. @param yaml text of a VM with a seed
 */
export function warmUp(yaml: string): void {
  const { machine } = loadMachine('warm-up.yaml', yaml, { virtType: 'qemu' });
  loadSettings('warm-up.yaml', 'connect: qemu:///system');
  for (const { spot } of checkText('warm-up.yaml', 'name: -', { virtType: 'qemu' }).diagnostics) {
    if (spot !== undefined) frameLines({ line: spot.line, ...spot.excerpt }, 80);
  }
  const createdAt = new Date(0);
  const uuid = '00000000-0000-4000-8000-000000000000';
  const kind = { arch: 'x86_64', virtType: 'qemu' } as const;
  const host = { ...kind, baseImage: { format: 'qcow2' }, qemuUser: undefined } as const;
  const plan = planVm(machine, host, { uuid, createdAt, version: '0', storagePath: '/warm-up' });
  if (plan.seed === undefined) throw new Error('the warm-up needs a VM with a seed');
  const xml = plan.domain.complete;
  const domain = parseXml(xml);
  if (metadataInDomain(domain)?.declared.name !== machine.name) throw new Error(METADATA_NAMESPACE.uri);
  readDisks(domain);
  readCapabilities(`<capabilities>${xml}</capabilities>`);
  readVolume(
    volumeXml({ name: 'warm-up', format: 'qcow2', capacityBytes: 1, backing: { path: '/', format: 'raw' } }),
  );
  poolXml({ name: 'warm-up', uuid, path: '/' });
  const info = { state: 'running', vcpus: 1, memoryKib: 1, currentMemoryKib: 1, cpuSeconds: 1 } as const;
  const listed = {
    name: machine.name,
    uuid,
    active: true,
    info,
    xml,
    missing: [],
  };
  const facts = readDomain(domain);
  const row = toRow(
    { ...listed, autostart: true, persistent: true },
    { info, written: writtenOf(listed, true), seen: [], facts },
  );
  const columns = vmColumns(createdAt).filter(({ name }) => TABLE_COLUMNS.some((one) => one === name));
  renderTable(columns, [row]);
}
