import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { vm } from './vms.ts';

const host = useHost();

/** Runs `plow list` with these words in the background, then `commands`, with half a second after each; then SIGINT. */
function watching(words: string, commands: readonly string[], end = 'kill -INT $plow'): Promise<string> {
  const steps = commands.map((command) => `${command}; sleep 0.6`).join('\n');
  // A background process of a shell without job control has SIGINT ignored.
  return host()
    .plowInShell(
      `set -m; "$@" ${words} > ${host().files}/out 2> ${host().files}/err & plow=$!; sleep 1
      ${steps}
      ${end}; wait $plow; code=$?; cat ${host().files}/out; echo "exit code $code"`,
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

  it('says that there is nothing', async () => {
    const stdout = await watching('list --watch', []);
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
      /^error: cannot watch the VMs: the connection to libvirt broke$/mu,
    );
    await host().virsh('undefine other');
  });

  it('ends when nobody reads any more', async () => {
    await host().foreignVm('define', { name: 'other' });
    const { stdout } = await host().plowInShell(
      `("$@" list --all --watch; echo "exit code $?" >&2) 2> ${host().files}/err | head -n 2 & sleep 1
      virsh -q define <(virsh dumpxml other | sed 's/other/more/; /<uuid>/d'); sleep 1; virsh -q undefine more; wait; cat ${host().files}/err`,
    );
    expect(stdout).toContain('exit code 0\n');
    await host().virsh('undefine other');
  });

  it('draws in place on a real terminal of 60 columns, and gives the cursor back', async () => {
    await host().foreignVm('define', { name: 'other' });
    const tmux = `tmux -L plow-$$ -f /dev/null`;
    const { stdout } = await host().plowInShell(
      `${tmux} new-session -d -x 60 -y 8 "bash --norc"; sleep 0.5
      ${tmux} send-keys "PS1='> '; clear; $(printf '%q ' "$@") list --all --watch" Enter; sleep 1.5
      ${tmux} capture-pane -p | sed 's/^/1 /'; ${tmux} display -p '1 cursor #{cursor_flag}'
      for name in a-name-that-nobody-would-want-to-type-every-day b c d e f g; do
        virsh -q define <(virsh dumpxml other | sed "s/<name>.*</<name>$name</; /<uuid>/d"); done; sleep 1
      ${tmux} capture-pane -p | sed 's/^/2 /'
      ${tmux} resize-window -x 40 -y 12; sleep 1; ${tmux} capture-pane -p | sed 's/^/3 /'
      ${tmux} send-keys C-c; sleep 0.7; ${tmux} display -p '4 cursor #{cursor_flag}'; ${tmux} send-keys 'echo "code $?"' Enter; sleep 0.5
      ${tmux} capture-pane -p | grep '^code' | sed 's/^/4 /'; ${tmux} kill-server
      for name in a-name-that-nobody-would-want-to-type-every-day b c d e f g; do virsh -q undefine $name; done`,
    );
    expect(stdout.replaceAll(/^\d\s*\n/gmu, '')).toMatchInlineSnapshot(`
      "1 NAME       STATE     VCPUS  MEMORY  IP ADDRESS
      1 other      shut off  2      64 MiB  -
      1 cursor 0
      2 NAME                     STATE     VCPUS  MEMORY  IP ADDRESS
      2 a-name-that-nobody-wou…  shut off  2      64 MiB  -
      2 b                        shut off  2      64 MiB  -
      2 c                        shut off  2      64 MiB  -
      2 d                        shut off  2      64 MiB  -
      2 e                        shut off  2      64 MiB  -
      2 … 3 more
      3 NAME     STATE    VCPUS  MEMORY  IP ADD…
      3 a-name…  shut o…  2      64 MiB  -
      3 b        shut o…  2      64 MiB  -
      3 c        shut o…  2      64 MiB  -
      3 d        shut o…  2      64 MiB  -
      3 e        shut o…  2      64 MiB  -
      3 f        shut o…  2      64 MiB  -
      3 g        shut o…  2      64 MiB  -
      3 other    shut o…  2      64 MiB  -
      4 cursor 1
      4 code 130
      "
    `);
    await host().virsh('undefine other');
  });
});
