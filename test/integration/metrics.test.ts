import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { vm } from './vms.ts';

const host = useHost();

afterEach(async () => {
  await host().sweep();
});

/** Values by name and labels, as they are printed. */
function values(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

async function judged(text: string): Promise<string> {
  const { code, stdout, stderr } = await host().exec(['promtool', 'check', 'metrics'], { input: text });
  return code === 0 ? '' : `${stdout}${stderr}`;
}

const WEB = 'host="qemu:///system",vm="web"';

/** Files that users start from. */
const EXAMPLES = new URL('../../examples/prometheus/', import.meta.url);

describe('plow metrics', () => {
  it('have rules for alerts that do what they say', async () => {
    const judge = await host().exec([
      'promtool',
      'test',
      'rules',
      fileURLToPath(new URL('plow-alerts-test.yaml', EXAMPLES)),
    ]);
    expect(judge).toMatchObject({ code: 0 });
  });

  it('are what Prometheus reads, with the numbers that virsh has', async () => {
    await host().given(vm({ cloud_init: {}, data_disks: [{ device: 'vdb', size_gb: 3 }] }));
    await host().foreignVm('define', { name: 'off "and\\ odd' });
    const { code, stdout } = await host().plow(['metrics']);
    expect(code).toBe(0);
    expect(await judged(stdout)).toBe('');
    expect(await judged(stdout.replace('# TYPE plow_up gauge', '# TYPE plow_up counter'))).not.toBe('');
    const found = values(stdout);
    expect(found.get('plow_up{host="qemu:///system"}')).toBe(1);
    expect(found.get(`plow_vm_state{${WEB},state="running"}`)).toBe(1);
    expect(found.get(`plow_vm_state{host="qemu:///system",vm="off \\"and\\\\ odd",state="shut off"}`)).toBe(
      1,
    );
    expect(found.get(`plow_vm_disk_bytes{${WEB},disk="vdb"}`)).toBe(3 * 2 ** 30);
    await host().sh(`virsh -q undefine 'off "and\\ odd'`);
    const [time = ''] = /(?<=cpu\.time=)\d+/u.exec(await host().virsh('domstats web --cpu-total')) ?? [];
    const cpu = found.get(`plow_vm_cpu_seconds_total{${WEB}}`) ?? Number.NaN;
    expect(cpu).toBeGreaterThan(0);
    expect(cpu).toBeLessThanOrEqual(Number(time) / 1e9);
    const tap = await host().sh("virsh -q domiflist web | awk '{print $1}'");
    expect(found.get(`plow_vm_network_transmit_bytes_total{${WEB},interface="${tap}"}`)).toBeTypeOf('number');
    expect(found.get(`plow_vm_memory_maximum_bytes{${WEB}}`)).toBe(
      Number(/(?<=balloon\.maximum=)\d+/u.exec(await host().virsh('domstats web --balloon'))?.[0]) * 1024,
    );
  });

  it('are told beside a QEMU that hangs, and say that something is missing of it', async () => {
    await host().given(vm());
    await host().foreignVm('create --paused', { name: 'frozen' });
    await host().sh('kill -STOP "$(cat /run/libvirt/qemu/frozen.pid)"');
    const { code, stdout } = await host().plow(['metrics']);
    const found = values(stdout);
    await host().sh('kill -CONT "$(cat /run/libvirt/qemu/frozen.pid)"');
    expect(code).toBe(0);
    expect(found.get('plow_host_statistics_whole{host="qemu:///system"}')).toBe(0);
    expect(found.get(`plow_vm_state{host="qemu:///system",vm="frozen",state="paused"}`)).toBe(1);
    expect(found.get(`plow_vm_disk_bytes{${WEB},disk="vda"}`)).toBe(2 ** 30);
  });

  it('are scraped by a Prometheus, until plow is told to end', async () => {
    await host().given(vm());
    const config = join(host().files, 'prometheus.yaml');
    const scrape = {
      job_name: 'plow',
      scrape_interval: '1s',
      static_configs: [{ targets: ['127.0.0.1:9177'] }],
    };
    await writeFile(config, JSON.stringify({ scrape_configs: [scrape] }));
    const query = 'promtool query instant http://127.0.0.1:9090 "plow_vm_cpus"';
    const { stdout, stderr } = await host().plowInShell(`
      "$@" metrics --listen 9177 & plow=$!
      prometheus --config.file ${config} --storage.tsdb.path ${join(host().files, 'tsdb')} \\
        --web.listen-address 127.0.0.1:9090 2> /dev/null & prometheus=$!
      timeout 60 bash -c 'until ${query} 2> /dev/null | grep -q web; do :; done'
      ${query}
      kill -INT $prometheus; wait $prometheus
      kill -INT $plow; wait $plow; echo "ended $?"`);
    expect(stdout).toMatch(/plow_vm_cpus\{.*job="plow", vm="web"\} => 1 @/u);
    expect(stdout).toContain('ended 0');
    expect(stderr).toBe('serving http://127.0.0.1:9177/metrics until Ctrl-C\n');
  });

  it('of a hypervisor that cannot be asked are that it is not up', async () => {
    const { code, stdout, stderr } = await host().plow(['-c', 'qemu:///system?socket=/run/no', 'metrics']);
    expect(code).toBe(3);
    expect(stdout).toContain('plow_up{host="qemu:///system?socket=/run/no"} 0\n');
    expect(stderr).toMatch(/^error: /u);
    const taken = await host().plow(['metrics', '--listen', '10.255.255.1:9177']);
    expect(taken).toMatchObject({ code: 1, stdout: '' });
    expect(taken.stderr).toContain('error: cannot listen at 10.255.255.1:9177: ');
  });
});
