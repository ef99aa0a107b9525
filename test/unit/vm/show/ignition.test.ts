import { describe, expect, it } from 'vitest';
import { showDocument as shape } from '../../../../src/documents/show-schema.ts';
import { documentText } from '../../../../src/documents/serialize.ts';
import type { LocalFacts } from '../../../../src/hypervisor/local.ts';
import { showDocument } from '../../../../src/views/show/document.ts';
import { showLines } from '../../../../src/views/show/text.ts';
import type { VmDetails } from '../../../../src/vm/show/details.ts';
import { cloudInit, minimalMachine } from '../../machines.ts';
import { FakeHypervisor } from '../fake-hypervisor.ts';
import { ownDocument, shown, UUID } from '../shown.ts';

const CONFIG = '/images/my-vm/config.ign';
const IGNITION = cloudInit({
  section: 'provisioning',
  format: 'ignition',
  fqdn: 'web.example.com',
  hostname: 'web',
  loginUser: 'core',
});
const OWN = ownDocument('ready', minimalMachine({ provisioning: IGNITION }));
const ENTRY = /<sysinfo type="fwcfg">.*?<\/sysinfo>/su;

function nothingIsThere(): LocalFacts {
  return {
    exists: async () => false,
    read: async () => undefined,
    look: async () => 'ENOENT',
    names: async () => [],
    output: async () => undefined,
  };
}

function hypervisorWith(document: string, local?: LocalFacts): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDomain('my-vm', document, 'shut off');
  if (local !== undefined) hypervisor.local = local;
  return hypervisor;
}

/** Lines about what sets the guest up. */
function linesOf(details: VmDetails): readonly string[] {
  return showLines(details, new Date(0)).filter((line) =>
    /Seed|Cloud-init|Ignition|Problem|fw_cfg/u.test(line),
  );
}

function documentOf(details: VmDetails): Readonly<Record<string, unknown>> {
  const text = documentText(showDocument('qemu:///system', details), 'json');
  return shape.parse(JSON.parse(text)).vm;
}

describe('a VM whose guest reads Ignition', () => {
  it('is shown with its config, and without a seed', async () => {
    const details = await shown(hypervisorWith(OWN));
    expect(linesOf(details)).toStrictEqual([
      `Ignition:    ${CONFIG}, by opt/com.coreos/config`,
      '  Ignition:      host web.example.com, password logins off, logins as core, host keys that plow ssh does not know',
    ]);
    expect(documentOf(details)).toMatchObject({
      seed: null,
      fw_cfg: [],
      ignition_config: { path: CONFIG, fw_cfg_name: 'opt/com.coreos/config', exists: null },
      differences: [],
      declared: {
        cloud_init: null,
        provisioning: {
          format: 'ignition',
          fqdn: 'web.example.com',
          hostname: 'web',
          ssh_pwauth: false,
          ssh_user: 'core',
          host_keys_known: false,
        },
      },
    });
  });

  it('cannot start without the config', async () => {
    const lines = linesOf(await shown(hypervisorWith(OWN, nothingIsThere())));
    expect(lines).toContain(`Problem:     cannot start: ${CONFIG} (for Ignition) is missing`);
    expect(lines).toContain(`Ignition:    ${CONFIG} (missing), by opt/com.coreos/config`);
  });

  it('differs where somebody took the config from its firmware, and starts', async () => {
    const details = await shown(hypervisorWith(OWN.replace(ENTRY, ''), nothingIsThere()));
    expect(linesOf(details).filter((line) => line.includes(CONFIG))).toStrictEqual([
      `Ignition:    ${CONFIG} (missing), which its firmware hands on no more`,
      `  Ignition config: none; made with ${CONFIG}`,
    ]);
    expect(documentOf(details)).toMatchObject({ ignition_config: { fw_cfg_name: null, exists: false } });
  });

  it('of somebody else is shown with its config too', async () => {
    const other = `<domain type='kvm'><name>my-vm</name><uuid>${UUID}</uuid><memory>1048576</memory><vcpu>1</vcpu>
      <os><type machine='pc-q35-7.2'>hvm</type></os>
      <sysinfo type='fwcfg'><entry name='opt/org.flatcar-linux/config' file='/vms/a/config.ign'/></sysinfo></domain>`;
    const details = await shown(hypervisorWith(other));
    expect(linesOf(details)).toStrictEqual([
      'Ignition:    /vms/a/config.ign, by opt/org.flatcar-linux/config',
    ]);
    expect(documentOf(details)).toMatchObject({ seed: null, declared: null, differences: [] });
  });
});

describe('a VM with a seed', () => {
  it('is in documents as it was, and said in neutral words besides', async () => {
    const guest = cloudInit({ sshPasswordAuth: true });
    const details = await shown(
      hypervisorWith(ownDocument('ready', minimalMachine({ provisioning: guest }))),
    );
    expect(documentOf(details)).toMatchObject({
      seed: { path: '/images/my-vm/cloudinit.iso' },
      ignition_config: null,
      declared: {
        cloud_init: {
          fqdn: null,
          hostname: 'my-vm',
          ssh_pwauth: true,
          bus: 'scsi',
          host_keys_known: false,
        },
        provisioning: { format: 'cloud-init', hostname: 'my-vm', ssh_pwauth: true, ssh_user: 'root' },
      },
    });
  });
});

it('a VM that nothing sets up says so', async () => {
  const details = await shown(hypervisorWith(ownDocument('ready', minimalMachine())));
  expect(linesOf(details)).toStrictEqual(['Seed:        none', '  Cloud-init:    none']);
  expect(documentOf(details)).toMatchObject({
    seed: null,
    ignition_config: null,
    declared: { cloud_init: null, provisioning: null },
  });
});
