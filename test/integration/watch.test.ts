import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { useHost } from './support.ts';
import { vm } from './vms.ts';
import { pace } from '../pace.ts';

const host = useHost();

/**
 * Runs `plow list` with these words in the background, then `commands`, each when the one before shows or
 * would have; then SIGINT.
 */
function watching(words: string, commands: readonly string[], end = 'kill -INT $plow'): Promise<string> {
  const out = `${host().files}/out`;
  const steps = commands.map((command) => `size=$(wc -c < ${out}); ${command}; shown`).join('\n');
  // A background process of a shell without job control has SIGINT ignored.
  return host()
    .plowInShell(
      `shown() { for _ in $(seq 60); do [ $(wc -c < ${out}) = $size ] || break; sleep 0.05; done; sleep 0.4; }
      : > ${out}; set -m; "$@" ${words} > ${out} 2> ${host().files}/err & plow=$!
      until [ -s ${out} ]; do sleep 0.05; done; sleep 0.4
      ${steps}
      ${end}; wait $plow; code=$?; cat ${out}; echo "exit code $code"`,
    )
    .then(({ stdout }) => stdout);
}

/** The tables that were printed, each as `name state`. */
function tables(stdout: string): readonly string[] {
  return stdout
    .split('\n\n')
    .map((table) =>
      table
        .trim()
        .split('\n')
        .filter((line) => !/^(?:NAME|exit)/u.test(line)),
    )
    .map((lines) => lines.map((line) => line.replace(/\s{2,}\d.*/u, '').replace(/\s+/u, ' ')).join(', '));
}

describe('plow list --watch', () => {
  it('shows each change as libvirt tells of it, and asks for nothing meanwhile', async () => {
    await host().given(vm({ name: 'web' }));
    await host().foreignVm('define', { name: 'other' });
    const stdout = await watching('--verbose list --all --watch', [
      'virsh -q suspend web',
      `wc -l < ${host().files}/err > ${host().files}/before; sleep 2; wc -l < ${host().files}/err > ${host().files}/after`,
      'virsh -q resume web',
      'virsh -q undefine other',
      'virsh -q destroy web',
    ]);
    expect(stdout).toMatch(/exit code 130\n$/u);
    expect(tables(stdout)).toEqual([
      'other shut off, web running',
      'other shut off, web paused',
      'other shut off, web running',
      'web running',
      'web shut off',
    ]);
    await host().sh(
      `cd ${host().files}; cmp before after; grep -q virConnectListAllDomains err; ! grep -q interrupted err`,
    );
    await host().plow(['destroy', 'web']);
  });

  it('shows a VM that plow makes, when it is complete, and that it is gone', async () => {
    const file = await host().write(vm({ name: 'web' }));
    const stdout = await watching('list --all -o csv --columns name,state --watch', [
      `"$@" create ${file} > ${host().files}/create`,
      'virsh -q destroy web',
      `"$@" destroy web > ${host().files}/create`,
    ]);
    const seen = stdout.split('\n\n').map((text) => text.replace('name,state', '').trim());
    expect(seen[0]).toBe('');
    expect(seen).toContain('web,running');
    expect(seen.at(-1)).toBe('exit code 130');
  });

  it('says that there is nothing, and does not repeat it', async () => {
    await host().foreignVm('define', { name: 'other' });
    const stdout = await watching('list --watch', ['virsh -q desc other one', 'virsh -q undefine other']);
    expect(stdout).toBe('NAME       STATE     VCPUS  MEMORY  IP ADDRESS\nexit code 130\n');
    expect(await host().sh(`cat ${host().files}/err`)).toBe('no VM is running (plow list --all shows all)');
  });

  it('says when the connection breaks', async () => {
    await host().foreignVm('define', { name: 'other' });
    const run = watching('list --all --watch', ['sleep 3'], 'true');
    await new Promise((resolve) => {
      setTimeout(resolve, 1500);
    });
    await host().libvirtd('kill');
    const stdout = await run;
    await host().libvirtd('start');
    expect(stdout).toMatch(/exit code 3\n$/u);
    expect(await host().sh(`cat ${host().files}/err`)).toMatch(
      /^error: cannot watch the VMs: the line to qemu:\/\/\/system broke$/mu,
    );
    await host().virsh('undefine other');
  });

  it('says when libvirtd hangs', async () => {
    const started = performance.now();
    const stdout = await watching('list --watch', ['kill -STOP $(cat /run/libvirtd.pid)'], 'true');
    expect(performance.now() - started).toBeLessThan(10_000 + 2000 * pace());
    await host().libvirtd('thaw');
    expect(stdout).toMatch(/exit code 3\n$/u);
    expect(await host().sh(`cat ${host().files}/err`)).toMatch(
      /^error: cannot watch the VMs: the line to qemu:\/\/\/system broke$/mu,
    );
  });

  it('is interrupted at once by Ctrl-C while libvirtd does not answer', async () => {
    const { stdout } = await host().plowInShell(`set -m
      kill -STOP $(cat /run/libvirtd.pid)
      "$@" list --watch & sleep 1; kill -INT $!; timeout 2 tail --pid $! -f /dev/null; wait $!; echo "exit code $?"`);
    await host().libvirtd('thaw');
    expect(stdout).toBe('exit code 130\n');
  });

  it('closes its connection when it is interrupted, also in a storm of events', async () => {
    await host().foreignVm('define', { name: 'other' });
    const { stdout } = await host().plowInShell(`set -m; : > /var/log/libvirt/libvirtd.log
      for i in {1..1000000}; do echo "desc other --config $i"; done 2> /dev/null | virsh -q > /dev/null & storm=$!
      for run in {1..8}; do
        rm -f ${host().files}/out; "$@" list --all --watch > ${host().files}/out &
        until [ -s ${host().files}/out ]; do sleep 0.05; done; kill -INT $!; wait $!; echo "exit code $?"
      done
      grep 'End of file' /var/log/libvirt/libvirtd.log
      kill -0 $storm && echo 'the storm goes on'; kill $storm; wait $storm`);
    expect(stdout).toBe(`${'exit code 130\n'.repeat(8)}the storm goes on\n`);
    await host().virsh('undefine other');
  });

  it('writes a stream of YAML documents', async () => {
    await host().foreignVm('define', { name: 'other' });
    const stdout = await watching('list --all -o yaml --watch', ['virsh -q undefine other']);
    const [first, second, end] = stdout.split('---\n').slice(1).concat('end');
    expect(parse(first ?? '')).toMatchObject({ version: 1, vms: [{ name: 'other' }] });
    expect(parse(second?.replace(/exit code.*/u, '') ?? '')).toMatchObject({ version: 1, vms: [] });
    expect(end).toBe('end');
  });

  it('ends when nobody reads any more', async () => {
    await host().foreignVm('define', { name: 'other' });
    const { stdout } = await host().plowInShell(
      `("$@" list --all --watch; echo "exit code $?" >&2) 2> ${host().files}/err |
        (head -n 2; exec < /dev/null; touch ${host().files}/gone) &
      until [ -e ${host().files}/gone ]; do sleep 0.05; done
      virsh -q define <(virsh dumpxml other | sed 's/other/more/; /<uuid>/d'); wait; virsh -q undefine more; cat ${host().files}/err`,
    );
    expect(stdout).toContain('exit code 0\n');
    await host().virsh('undefine other');
  });

  it('draws in place on a real terminal, however that is resized, and gives it back when it is suspended or ends', async () => {
    await host().foreignVm('define', { name: 'other' });
    const tmux = `tmux -L plow-$$ -f /dev/null`;
    const { stdout } = await host().plowInShell(
      `screen() { ${tmux} capture-pane -p; }
      has() { until screen | grep -q "$1"; do sleep 0.05; done; }
      cursor() { until [ "$(${tmux} display -p '#{cursor_flag}')" = "$1" ]; do sleep 0.05; done; }
      prompt() { until [ "$(screen | sed '/^$/d' | tail -n 1)" = '>' ]; do sleep 0.05; done; }
      ${tmux} new-session -d -x 60 -y 8 "bash --norc"; has '[#$]$'
      ${tmux} send-keys "PS1='> '; clear; $(printf '%q ' "$@") list --all --watch" Enter; has '^other'
      cursor 0; screen | sed 's/^/1 /'
      for name in a-name-that-nobody-would-want-to-type-every-day b c d e f g; do
        virsh -q define <(virsh dumpxml other | sed "s/<name>.*</<name>$name</; /<uuid>/d"); done; has ' 4 more$'
      screen | sed 's/^/2 /'
      ${tmux} resize-window -x 40 -y 12; has ' 2 more$'; screen | sed 's/^/3 /'
      ${tmux} send-keys C-z; cursor 1; prompt; ${tmux} send-keys 'clear' Enter
      for name in c d e f g; do virsh -q undefine $name; done
      until [ "$(screen)" = '>' ]; do sleep 0.05; done
      ${tmux} send-keys fg Enter; has 'trunc shows all'; cursor 0; screen | sed 's/^/5 /'
      ${tmux} send-keys C-c; cursor 1; prompt; ${tmux} send-keys 'echo "code $?"' Enter; has '^code'; prompt
      screen | sed -n '/^NAME/,$ s/^/6 /p'; ${tmux} kill-server
      for name in a-name-that-nobody-would-want-to-type-every-day b; do virsh -q undefine $name; done`,
    );
    expect(stdout.replaceAll(/^\d\s*\n/gmu, '')).toMatchInlineSnapshot(`
      "1 NAME       STATE     VCPUS  MEMORY  IP ADDRESS
      1 other      shut off  2      64 MiB  -
      2 NAME                                             STATE
      2 a-name-that-nobody-would-want-to-type-every-day  shut off
      2 b                                                shut off
      2 c                                                shut off
      2 d                                                shut off
      2 e                                                shut off
      2 f                                                shut off
      2 … 4 more
      3 NAME
      3 a-name-that-nobody-would-want-to-type-ev
      3 ery-day
      3 b
      3 c
      3 d
      3 e
      3 f
      3 g
      3 other
      3 left out, as the terminal is too narrow:
      3 … 2 more
      5 NAME
      5 a-name-that-nobody-would-want-to-type-ev
      5 ery-day
      5 b
      5 other
      5 left out, as the terminal is too narrow:
      5  STATE, VCPUS, MEMORY, IP ADDRESS (--no-
      5 trunc shows all)
      6 NAME
      6 a-name-that-nobody-would-want-to-type-ev
      6 ery-day
      6 b
      6 other
      6 left out, as the terminal is too narrow:
      6  STATE, VCPUS, MEMORY, IP ADDRESS (--no-
      6 trunc shows all)
      6 > echo "code $?"
      6 code 130
      6 >
      "
    `);
    await host().virsh('undefine other');
  });
});
