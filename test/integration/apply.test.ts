import { describe, expect, it } from 'vitest';
import { applyDocument } from '../../src/documents/fleet/apply-schema.ts';
import { OBEDIENT, UNTIL_OBEDIENT } from '../faults/variants.ts';
import type { Finished } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvJDq1IjRrqUgjXCBaqMVXzsGyjAFFsLHDPdXkBJK2H a@b';

const FULL = {
  vcpus: 1,
  memory_gib: 1,
  autostart: false,
  description: 'a web server',
  tags: ['prod'],
  data_disks: [{ device: 'vdb', size_gb: 1 }],
  cloud_init: { ssh_keys: [KEY], fqdn: 'web.example.com' },
};

const SAME = { code: 0, stdout: '', stderr: '1 VM: 1 the same\n' };
const NOTHING = { code: 0, stdout: '', stderr: 'plan: 1 as they are\n' };

/** Calls that change no VM: those of a pool that plow lends itself to look into a directory among them. */
const QUESTIONS =
  /^vir(?:ConnectOpen\w*|ConnectGet\w+|ConnectListAll\w+|\w+LookupBy\w+|\w+Get\w+|\w+Is\w+|StoragePool(?:CreateXML|Destroy|Refresh|ListAllVolumes)|DomainHasManagedSaveImage|DomainSnapshotNum|StorageVolDownload|StreamNew|Stream\w+|ConnectClose|Connect\w*Alive|ConnectRegisterCloseCallback)$/u;

async function diffOf(config: object): Promise<Finished> {
  return host().plow(['diff', await host().write(config)]);
}

async function apply(config: object, ...options: readonly string[]): Promise<Finished> {
  return host().plow(['apply', ...options, await host().write(config)]);
}

/** A second time nothing is done, and no call is made that could do anything. */
async function expectNoMore(config: object, ...options: readonly string[]): Promise<void> {
  expect(await diffOf(config)).toStrictEqual(SAME);
  const { code, stdout, stderr } = await apply(config, '--verbose', ...options);
  expect({ code, stdout }).toStrictEqual({ code: 0, stdout: '' });
  const calls = [...stderr.matchAll(/^libvirt: \S+ (?<call>vir\w+)/gmu)].map(
    (one) => one.groups?.['call'] ?? '',
  );
  expect(calls.length).toBeGreaterThan(5);
  expect(calls.filter((call) => !QUESTIONS.test(call))).toStrictEqual([]);
}

describe('plow apply', () => {
  it('makes what is not there, and the second time nothing', async () => {
    const made = await apply(vm(FULL));
    expect(made).toMatchObject({ code: 0, stderr: 'plan: 1 to make\n' });
    expect(made.stdout).toContain("Successfully created VM 'web'");
    await expectNoMore(vm(FULL));
    expect(await apply(vm(FULL))).toStrictEqual(NOTHING);
    await host().discard('web');
  });

  it('makes what no guest notices at once', async () => {
    await host().given(vm(FULL));
    const edited = vm({
      ...FULL,
      autostart: true,
      description: "two <web> servers & one's",
      tags: ['prod', 'eu'],
      data_disks: [
        { device: 'vdb', size_gb: 2, io_limits: { total_iops: 100, read_mib_per_s: 2 } },
        { device: 'vdc', size_gb: 1, cache: 'writeback' },
      ],
    });
    expect(await apply(edited)).toMatchObject({ code: 0, stderr: 'plan: 1 to change\n' });
    expect(await host().virsh('desc web')).toBe("two <web> servers & one's");
    const tune = await host().virsh('blkdeviotune web vdb --live');
    expect(tune).toMatch(/^total_iops_sec *: 100$/mu);
    expect(tune).toMatch(/^read_bytes_sec *: 2097152$/mu);
    await expectNoMore(edited);
    const described = {
      ...FULL,
      autostart: true,
      description: "two <web> servers & one's",
      tags: ['prod', 'eu'],
    };
    const withLimits = (io_limits: object): object =>
      vm({
        ...described,
        data_disks: [
          { device: 'vdb', size_gb: 2, ...io_limits },
          { device: 'vdc', size_gb: 1, cache: 'writeback' },
        ],
      });
    const less = withLimits({ io_limits: { write_iops: 50 } });
    expect((await apply(less)).stdout).toContain('the file says write_iops 50 (live)');
    expect(await host().virsh('blkdeviotune web vdb --live')).toMatch(/^total_iops_sec *: 0$/mu);
    await expectNoMore(less);
    expect(await apply(withLimits({}))).toMatchObject({ code: 0 });
    expect(await host().virsh('blkdeviotune web vdb --live')).toMatch(/^write_iops_sec *: 0$/mu);
    await expectNoMore(withLimits({}));
    await host().virsh('autostart --disable web');
    await host().discard('web');
  });

  it('stores what waits for a start, and all else stays as it was', async () => {
    await host().given(vm(FULL));
    await host().virsh('metadata web urn:other --key other --set "<mine/>" --config --live');
    const before = await host().virsh('dumpxml --inactive web');
    const edited = vm({
      ...FULL,
      vcpus: 2,
      memory_gib: 2,
      on_crash: 'restart',
      data_disks: [{ device: 'vdb', size_gb: 1, cache: 'writeback', io_limits: { total_iops: 100 } }],
      watchdog: { model: 'i6300esb', action: 'reset' },
      network_interfaces: [{ ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0', mtu: 1400 }],
    });
    const { code, stdout } = await apply(edited);
    expect(stdout).toContain(
      '  vcpus: 1, the file says 2 (reboot): from its next start on; --allow reboot restarts it\n',
    );
    expect(code).toBe(0);
    const after = await host().virsh('dumpxml --inactive web');
    expect(addressesIn(after)).toStrictEqual(addressesIn(before));
    expect(after).toContain('<other:mine xmlns:other="urn:other"/>');
    const again = await apply(edited);
    expect(again).toMatchObject({ code: 0, stderr: 'plan: 1 as they are\n' });
    expect(again.stdout).toContain('vcpus: 1 now, 2 as in the file from the next start on (reboot): --allow');
    await host().virsh('destroy web');
    expect(await diffOf(edited)).toStrictEqual(SAME);
    await host().virsh('start web');
    await expectNoMore(edited);
    expect(await apply(vm(FULL))).toMatchObject({ code: 0 });
    await host().virsh('destroy web');
    expect(await diffOf(vm(FULL))).toStrictEqual(SAME);
    const back = await host().virsh('dumpxml --inactive web');
    expect(addressesIn(back)).toStrictEqual(addressesIn(before));
    await host().virsh('start web');
    await host().discard('web');
  });

  it('restarts what may be restarted, and its guest is set up again where that is allowed', async () => {
    await host().sh(`: ; ${OBEDIENT.prepare}`);
    const boot = { boot_disk: { image: `${IMAGES}/obedient.raw`, size_gb: 1 } };
    await host().given(vm({ ...FULL, ...boot }));
    await host().sh(UNTIL_OBEDIENT);
    const seeded = { ...FULL, ...boot, cloud_init: { ...FULL.cloud_init, timezone: 'Europe/Vienna' } };
    const left = await apply(vm(seeded));
    expect(left).toMatchObject({ code: 0, stderr: 'plan: 1 as they are\n' });
    expect(left.stdout).toContain('guest timezone');
    expect(left.stdout).toContain('left; --allow reseed');
    const more = vm({ ...seeded, vcpus: 2 });
    expect(await apply(more, '--allow', 'reboot')).toMatchObject({
      code: 0,
      stderr: 'plan: 1 to change (1 of them off for a while)\n',
    });
    expect(await host().virsh('vcpucount web --current --live')).toBe('2');
    await host().sh(UNTIL_OBEDIENT);
    expect(await apply(more, '--allow', 'reseed')).toMatchObject({ code: 0 });
    await host().sh(UNTIL_OBEDIENT);
    await expectNoMore(more);
    await host().sh(`cp ${IMAGES}/obedient.raw ${IMAGES}/newer.raw`);
    const newer = vm({ ...seeded, vcpus: 2, boot_disk: { image: `${IMAGES}/newer.raw`, size_gb: 1 } });
    expect((await apply(newer)).stdout).toContain('(rebuild): left; --allow rebuild');
    expect(await apply(newer, '--allow', 'rebuild')).toMatchObject({ code: 0 });
    await host().sh(UNTIL_OBEDIENT);
    await expectNoMore(newer);
    await host().discard('web');
    await host().sh(`: ; ${OBEDIENT.restore}; rm ${IMAGES}/newer.raw`);
  });

  it('takes nothing away in silence that was changed by hand', async () => {
    await host().given(vm(FULL));
    await host().virsh('destroy web');
    await host().virsh('setvcpus web 3 --maximum --config');
    await host().virsh('setvcpus web 3 --config');
    const edited = vm({ ...FULL, vcpus: 2, description: 'one web server' });
    const left = await apply(edited);
    expect(left.stdout).toContain(
      'vcpus: 3, the file says 2 (live; both were changed; made with 1): left; --overwrite makes it',
    );
    expect(left.code).toBe(4);
    expect(left.stderr).toContain("VM 'web' is not as its file says, and was left so: vcpus");
    expect(await host().virsh('desc web')).toBe('one web server');
    expect(await host().virsh('vcpucount web --maximum --config')).toBe('3');
    expect((await apply(vm(FULL))).stdout).toContain('(live; the VM was changed): left');
    expect(await apply(edited, '--overwrite')).toMatchObject({ code: 0 });
    expect(await diffOf(edited)).toStrictEqual(SAME);
    await host().virsh('start web');
    await expectNoMore(edited);
    await host().discard('web');
  });

  it('writes down what was made as the file says by hand', async () => {
    await host().given(vm(FULL));
    await host().virsh('destroy web');
    await host().virsh('setvcpus web 2 --maximum --config');
    await host().virsh('setvcpus web 2 --config');
    const two = vm({ ...FULL, vcpus: 2 });
    expect((await apply(two)).stdout).toContain("vcpus: as in the file; plow's record follows");
    await expectNoMore(two);
    const three = await diffOf(vm({ ...FULL, vcpus: 3 }));
    expect(three.stdout).toContain('vcpus: 2, the file says 3 (live)');
    await host().virsh('start web');
    await host().discard('web');
  });

  it('refuses what would lose data, and does the rest', async () => {
    await host().given(vm({ ...FULL, data_disks: [{ device: 'vdb', size_gb: 2 }] }));
    const smaller = vm({ ...FULL, tags: ['eu'] });
    const { code, stdout, stderr } = await apply(smaller);
    expect(stdout).toContain('disk vdb size: 2 GiB, the file says 1 GiB (refused): left\n');
    expect(stderr).toContain('was left so: disk vdb size');
    expect(code).toBe(4);
    expect((await diffOf(smaller)).stdout).not.toContain('tags');
    await host().discard('web');
  });

  it('does nothing at all where one of many files is wrong, or two are of one VM', async () => {
    await host().sh('rm -rf /run/many; mkdir /run/many');
    for (let index = 1; index <= 3; index += 1) await host().write(other(index), `many-${index}.yaml`);
    await host().sh(
      `cp ${host().files}/many-*.yaml /run/many; sed -i 's/vcpus: 1/vcpus: 0/' /run/many/many-2.yaml`,
    );
    const broken = await host().plow(['apply', '/run/many']);
    expect(broken.code).toBe(2);
    expect(broken.stderr).toMatch(/many-2\.yaml:\d+:\d+: vcpus/u);
    await host().sh('cp /run/many/many-1.yaml /run/many/many-2.yaml');
    const twice = await host().plow(['apply', '/run/many']);
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain('many-2.yaml');
    expect(await host().virsh('list --all --name')).toBe('');
  });

  it('does what was planned, and nothing where it would be anything else', async () => {
    const hash = `$6$saltsalt$${'x'.repeat(86)}`;
    const secret = { ...FULL, cloud_init: { ...FULL.cloud_init, root_password_hash: hash } };
    await host().given(vm(secret));
    const file = await host().write(vm({ ...secret, tags: ['eu'] }));
    const out = `${host().files}/p.json`;
    const planned = await host().plow(['diff', '--plan-out', out, file]);
    expect(planned.code).toBe(1);
    expect(await host().sh(`stat -c %a ${out}; grep -c saltsalt ${out} || true`)).toBe('600\n0');
    await host().write(vm({ ...secret, tags: ['us'] }));
    const edited = await host().plow(['apply', out]);
    expect(edited).toMatchObject({ code: 4, stdout: '' });
    expect(edited.stderr).toContain("VM 'web' has another file than it had");
    await host().write(vm({ ...secret, tags: ['eu'] }));
    await host().virsh('desc web --config --live -- another');
    const altered = await host().plow(['apply', out]);
    expect(altered.stderr).toContain("VM 'web' differs in other things: description");
    expect(altered.code).toBe(4);
    await host().virsh("desc web --config --live -- 'a web server'");
    expect(await host().plow(['apply', out])).toMatchObject({ code: 0 });
    await expectNoMore(vm({ ...secret, tags: ['eu'] }));
    await host().discard('web');
  });

  it('prints a document for each VM', async () => {
    const made = await apply(vm(FULL), '-o', 'json');
    expect(JSON.parse(made.stdout)).toMatchObject({
      name: 'web',
      status: 'created',
      changes: [],
      error: null,
    });
    const again = await apply(vm({ ...FULL, vcpus: 2 }), '-o', 'json');
    expect(applyDocument.parse(JSON.parse(again.stdout))).toMatchObject({
      name: 'web',
      status: 'changed',
      changes: [{ what: 'vcpus', verdict: 'reboot', fate: 'stored', pending: false }],
    });
    const same = await apply(vm({ ...FULL, vcpus: 2 }), '-o', 'json');
    expect(JSON.parse(same.stdout)).toMatchObject({
      status: 'unchanged',
      changes: [{ what: 'vcpus', fate: 'waits', pending: true }],
    });
    await host().discard('web');
  });
});

/** One of several. */
function other(index: number): object {
  return vm({
    name: `web-${index}`,
    network_interfaces: [{ ip: `10.77.1.${index}/16`, gateway: '10.77.0.1', bridge: 'br0' }],
  });
}

/** Where disks and interfaces are: a device more may want a controller more. */
function addressesIn(document: string): readonly string[] {
  const devices = document.matchAll(/<(?<name>disk|interface) [^]*?<\/\k<name>>/gu);
  return [...devices].map(([text]) => /<address [^>]*>/u.exec(text)?.[0] ?? text);
}
