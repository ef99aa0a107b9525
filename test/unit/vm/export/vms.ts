import { posix } from 'node:path';
import { seedFiles, SEED_VOLUME_ID } from '../../../../src/provision/cloud-init/seed-files.ts';
import { exportedFile } from '../../../../src/cli/commands/export/file.ts';
import type { ExportedFile } from '../../../../src/cli/commands/export/file.ts';
import type { Arch, Machine } from '../../../../src/config/machine.ts';
import { asDeclared } from '../../../../src/config/settle.ts';
import type { Settings } from '../../../../src/cli/settings/settings.ts';
import { openSshKeys } from '../../../../src/provision/host-keys/open-ssh.ts';
import { KEY_PAIRS } from '../../key-pairs.ts';
import { writeIso } from '../../../../src/iso9660/write-iso.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { ignitionConfig } from '../../../../src/provision/ignition/config.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { bootDiskFile, dataDiskFile, IGNITION_FILE, SEED_FILE } from '../../../../src/config/vm-paths.ts';
import { Exporter } from '../../../../src/vm/export/export-vm.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';

const GIB = 2 ** 30;
const CREATED = new Date('2025-01-02T03:04:05Z');

interface Making {
  /** Of the directory of VMs. */
  readonly storagePath?: string;
  /** Of the hypervisor. */
  readonly hostArch?: Arch;
  /** Without it the domain is as if another tool had made it. */
  readonly withMetadata?: boolean;
  /** Files of the seed in place of plow's own. */
  readonly seed?: Readonly<Record<string, string>>;
  /** A change of the domain's document. */
  readonly edit?: (xml: string) => string;
}

/** A hypervisor with a VM as plow would make it. */
export function contextWith(
  machine: Machine,
  {
    storagePath = '/images',
    hostArch = 'x86_64',
    withMetadata = true,
    seed,
    edit = (xml) => xml,
  }: Making = {},
): TestContext {
  const context = testContext({ storagePath });
  const { hypervisor } = context;
  hypervisor.arch = hostArch;
  const directory = `${storagePath}/${machine.name}`;
  const { bootDisk, dataDisks, provisioning } = machine;
  const hostKeys = provisioning?.sshHostKeys === true ? openSshKeys(KEY_PAIRS) : undefined;
  const kind = { arch: machine.arch ?? hypervisor.arch, virtType: machine.virtType ?? 'kvm' };
  const xml = domainXml(machine, {
    ...kind,
    backingFormat: bootDisk.image === undefined || bootDisk.format === 'raw' ? undefined : 'qcow2',
    metadata: {
      status: 'ready',
      uuid: '00000000-0000-4000-8000-000000000099',
      version: '0.1.0',
      created: CREATED.toISOString(),
      directory,
      stored: toStored(
        asDeclared(machine, kind),
        hostKeys === undefined ? [] : [hostKeys.ed25519.publicKey, hostKeys.ecdsa.publicKey],
      ),
    },
  });
  const foreign = withMetadata ? xml : xml.replace(/<metadata>[\s\S]*<\/metadata>/u, '');
  hypervisor.addDomain(machine.name, edit(foreign), 'shut off');
  const domain = hypervisor.domains.get(machine.name);
  if (domain !== undefined) domain.autostart = machine.autostart;
  const files = new Map([[bootDiskFile(bootDisk.format), `${bootDisk.format} ${bootDisk.sizeGib * GIB}`]]);
  for (const { device, sizeGib } of dataDisks) files.set(dataDiskFile(device), `qcow2 ${sizeGib * GIB}`);
  if (provisioning?.format === 'ignition') {
    const config = Buffer.from(ignitionConfig(machine, provisioning, hostKeys));
    files.set(IGNITION_FILE, `raw ${config.length}`);
    hypervisor.contents.set(`${directory}/${IGNITION_FILE}`, config);
  } else if (provisioning !== undefined) {
    const made = seedFiles(machine, provisioning, CREATED, hostKeys);
    const others = Object.entries(seed ?? {}).map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
    const iso = writeIso({ volumeId: SEED_VOLUME_ID, files: seed ? others : made, createdAt: CREATED });
    files.set(SEED_FILE, `raw ${iso.length}`);
    hypervisor.contents.set(`${directory}/${SEED_FILE}`, iso);
  }
  hypervisor.directories.set(directory, files);
  const iso = machine.cdrom?.image;
  if (iso !== undefined)
    hypervisor.directories.set(posix.dirname(iso), new Map([[posix.basename(iso), `raw ${GIB}`]]));
  return context;
}

/** With what goes without saying, which an exported file leaves out. */
export function whole(one: Machine | undefined): Machine | undefined {
  return one && asDeclared(one, { arch: one.arch ?? 'x86_64', virtType: one.virtType ?? 'kvm' });
}

interface ExportFileOptions {
  readonly showSecrets?: boolean;
  readonly folder?: boolean;
  readonly fill?: Settings['fill'];
}

/** What `plow export` writes for a VM. */
export async function exported(
  context: TestContext,
  name: string,
  { showSecrets = true, folder = false, fill }: ExportFileOptions = {},
): Promise<ExportedFile> {
  const vm = await new Exporter(context).export(name);
  return exportedFile(vm, { mayHaveFileBeside: folder, showSecrets, headings: ['exported'] }, { fill });
}
