import { describe, expect, it } from 'vitest';

import { SMALLEST } from '../sample.ts';
import { inFolder } from './folder.ts';

const { checked, mistakes } = inFolder();

const ROW = SMALLEST.replace('my-vm', 'web-{n}');
const NAMED = SMALLEST.replace('my-vm', '"{name}"');

async function vms(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const all = await checked(files);
  return all.map(
    ({ machine, diagnostics }) =>
      `${machine?.name} ${machine?.interfaces[0]?.address} ${machine?.vcpus}${diagnostics.map(({ text }) => ` ${text}`).join('')}`,
  );
}

describe('a file that counts its VMs', () => {
  it('has a name for each, and the next address', async () => {
    expect(await vms({ 'a.yaml': `${ROW}count: 3\n` })).toStrictEqual([
      'web-1 10.0.0.2 2',
      'web-2 10.0.0.3 2',
      'web-3 10.0.0.4 2',
    ]);
  });

  it('counts addresses itself where it says so, and from 0 where it likes', async () => {
    const text = `${ROW}count: 2\n`.replace('10.0.0.2/', '10.0.0.2{index}/').replace('{n}', '{index}');
    expect(await vms({ 'a.yaml': text })).toStrictEqual(['web-0 10.0.0.20 2', 'web-1 10.0.0.21 2']);
  });

  it('counts routed addresses too, which have no subnet', async () => {
    const text = `name: r-{n}\nvcpus: 1\nmemory_gib: 1\nboot_disk: { size_gb: 1, empty: true }\nnetwork_interfaces: [{ mode: ethernet, ip: 10.5.0.255/32 }]\ncount: 2\n`;
    expect(await vms({ 'a.yaml': text })).toStrictEqual(['r-1 10.5.0.255 1', 'r-2 10.5.1.0 1']);
  });

  it.each([
    ['10.0.0.250', 10, '10 VMs from 10.0.0.250 on run out of 10.0.0.0/24: there is room for 5'],
    ['10.0.0.1', 3, '10.0.0.1 is the address of the VM itself'],
    ['10.0.0.0', 3, '10.0.0.0 is the network address of 10.0.0.0/24, which no host can have'],
  ])('is refused from %s on for %i VMs', async (ip, count, text) => {
    const [line] = await mistakes({ 'a.yaml': `${ROW}count: ${count}\n`.replace('10.0.0.2', ip) });
    expect(line).toContain(text);
  });

  it('is refused where one would have the address of the gateway', async () => {
    const text = `${ROW}count: 5\n`.replace('gateway: 10.0.0.1', 'gateway: 10.0.0.4');
    expect(await mistakes({ 'a.yaml': text })).toStrictEqual([
      'a.yaml:8:9: network_interfaces[0].ip: VM 3 of 5 would have 10.0.0.4, the address of the gateway',
    ]);
  });

  it('has different names', async () => {
    expect(await mistakes({ 'a.yaml': `${SMALLEST}count: 3\n` })).toStrictEqual([
      'a.yaml:1:7: name: my-vm is the name of several VMs that stand here (VMs 2, 3 of 3)',
    ]);
  });

  it.each(['0', '1001', '1.5', '"3"', '-1', 'null', '[]', '.inf'])('is no %s', async (count) => {
    const [line] = await mistakes({ 'a.yaml': `${ROW}count: ${count}\n` });
    expect(line).toMatch(/^a\.yaml:11:8: count: expected a whole number from 1 to 1000, found /u);
  });

  it('holds a thousand VMs, however many documents it has', async () => {
    const text = `${ROW.replace('/24', '/8')}count: 999\n`;
    const all = await checked({ 'a.yaml': text });
    expect([all.length, all.every(({ refusal }) => refusal === undefined)]).toStrictEqual([999, true]);
    const more = `${text}---\n${ROW.replace('web', 'db').replace('10.0.0.2/24', '11.0.0.2/8').replace('10.0.0.1', '11.0.0.1')}count: 2\n`;
    expect(await mistakes({ 'a.yaml': more })).toContain(
      'a.yaml:23:8: count: a file holds more than 1000 VMs',
    );
  });

  it('says for which VM a mistake is, where it is none for the others', async () => {
    const text = `${ROW}count: 12\n`.replace('web-{n}', 'w{n}').replace('vcpus: 2', 'vcpus: "{index}"');
    expect(await mistakes({ 'a.yaml': text })).toStrictEqual([
      'a.yaml:2:8: vcpus: must be at least 1, got 0 (VM 1 of 12)',
    ]);
    expect(await mistakes({ 'a.yaml': `${ROW}count: 12\n`.replace('vcpus: 2', 'vcpus: 0') })).toStrictEqual([
      'a.yaml:2:8: vcpus: must be at least 1, got 0',
    ]);
  });
});

describe('a file with a row for each VM', () => {
  const CSV = 'name,address,cpus\nalpha,10.0.0.5,2\nbeta,10.0.0.6,4\n';
  const FILE = NAMED.replace('10.0.0.2/24', '"{address}/24"').replace('vcpus: 2', 'vcpus: {cpus}');

  it.each([
    ['CSV', CSV],
    ['CSV of Windows', `\uFEFF${CSV.replaceAll('\n', '\r\n')}`],
    [
      'CSV in quotes, with blanks and empty lines',
      '"name", address,\t"cpus"\n\n"alpha",10.0.0.5 ,"2"\nbeta,10.0.0.6,4',
    ],
  ])('has them from %s', async (_, csv) => {
    const files = { 'a.yaml': `${FILE}each: rows.csv\n`, 'rows.csv': csv };
    expect(await vms(files)).toStrictEqual(['alpha 10.0.0.5 2', 'beta 10.0.0.6 4']);
  });

  it('has them from YAML, in a file or in place', async () => {
    const list =
      '- { name: alpha, address: 10.0.0.5, cpus: 2 }\n- { name: beta, address: 10.0.0.6, cpus: 4 }\n';
    const there = { 'a.yaml': `${FILE}each: r/rows.yml\n`, 'r/rows.yml': list };
    expect(await vms(there)).toStrictEqual(['alpha 10.0.0.5 2', 'beta 10.0.0.6 4']);
    const here = { 'a.yaml': `${FILE}each:\n${list}` };
    expect(await vms(here)).toStrictEqual(['alpha 10.0.0.5 2', 'beta 10.0.0.6 4']);
  });

  it('counts addresses up as well, and takes texts as they are written', async () => {
    const text = `${NAMED}description: v{v}\neach: [{ name: 7, v: 1.10 }, { name: "yes", v: true }]\n`;
    const all = await checked({ 'a.yaml': text.replace('"{name}"', 'x{name}') });
    expect(
      all.map(({ machine }) => [machine?.name, machine?.description, machine?.interfaces[0]?.address]),
    ).toStrictEqual([
      ['x7', 'v1.10', '10.0.0.2'],
      ['xyes', 'vtrue', '10.0.0.3'],
    ]);
  });

  it('has the mistake of a cell where the cell stands', async () => {
    const files = {
      'a.yaml': `${FILE}each: rows.csv\n`,
      'rows.csv': CSV.replace('4', 'four').replace('alpha', 'a_'),
    };
    expect(await mistakes(files)).toStrictEqual([
      'rows.csv:2:1: name: must start and end with a letter or digit and hold only a-z, 0-9, -, _ and single dots, got "a_" (VM 1 of 2)',
      'rows.csv:3:15: vcpus: expected a whole number, found the text "four" (VM 2 of 2)',
    ]);
  });

  it('can be filled by a base, from where that stands', async () => {
    const files = {
      'a.yaml': 'extends: base/b.yaml\nvcpus: 3\n',
      'base/b.yaml': `${FILE}each: rows.csv\n`,
      'base/rows.csv': CSV,
    };
    expect(await vms(files)).toStrictEqual(['alpha 10.0.0.5 3', 'beta 10.0.0.6 3']);
  });

  it.each([
    ['a,a\n1,2\n', 'rows.csv:1:3: a second column has this name'],
    ['a,,b\n1,2,3\n', 'rows.csv:1:3: a column has no name'],
    ['name;address;cpus\nx;y;1', 'rows.csv:1:1: columns are parted by commas'],
    ['name,address,cpus\nalpha,10.0.0.5\n', 'rows.csv:2:1: this row has 2 cells, and the first line has 3'],
    ['name,address\nalpha,"10.0.0.5\n', 'rows.csv:2:7: a quote is opened here and not closed'],
    [
      'name\nal"pha\n',
      'rows.csv:2:3: a quote in a cell: put quotes around all of it, and write each quote in it twice',
    ],
    ['name\n"al"pha\n', 'rows.csv:2:5: something stands behind the closing quote of a cell'],
    ['n\n1\n', 'rows.csv:2:1: each: {n} counts the rows: call this something else'],
    ['', 'rows.csv:1:1: is empty: its first line says what the columns are called'],
    ['name\n', 'a.yaml:11:7: each: has no rows'],
    [
      'name,address\nalpha,10.0.0.5\n',
      'a.yaml:2:8: vcpus: nothing fills {cpus}: there are {n}, {index}, {name}, {address}; write {{cpus}} for the text itself',
    ],
    [
      'name,address,cpus\nalpha,,2\n',
      'rows.csv:2:7: network_interfaces[0].ip: is to be filled with address, and this is empty',
    ],
  ])('refuses the table %j', async (csv, mistake) => {
    const files = { 'a.yaml': `${FILE}each: rows.csv\n`, 'rows.csv': csv };
    const [line] = await mistakes(files);
    expect(line).toBe(mistake);
  });

  it.each([
    ['each: 3', 'a.yaml:11:7: each: expected a list of rows, or a file *.csv or *.yaml, found the number 3'],
    ['each: []', 'a.yaml:11:7: each: has no rows'],
    ['each: [a]', 'a.yaml:11:8: each[0]: expected a map such as { name: web }, found the text "a"'],
    ['each: [{ name: [x] }]', 'a.yaml:11:16: each[0].name: a row holds text, numbers, true and false'],
    ['each: [{ index: 1 }]', 'a.yaml:11:10: each: {index} counts the rows: call this something else'],
    ['each: [{ name: 007 }]', 'a.yaml:11:16: each[0].name: programs read 007 differently; write 7'],
    [
      'each: [{ name: aa }, { nam: bb }]',
      'a.yaml:1:8: name: nothing fills {name} for VM 2: there are {n}, {index}, {nam}; write {{name}} for the text itself',
    ],
    ['each: rows.txt', 'a.yaml:11:7: each: "rows.txt" is called neither *.csv nor *.yaml'],
    ['each: none.csv', 'a.yaml:11:7: each: "none.csv" cannot be read: no such file'],
    ['each: [{ name: aa }]\ncount: 2', 'a.yaml:11:1: each: count stands beside it: keep one of them'],
  ])('refuses %j', async (text, mistake) => {
    const [line] = await mistakes({ 'a.yaml': `${NAMED}${text}\n` });
    expect(line).toBe(mistake);
  });
});

/** The first command of a file with that text. */
async function commandOf(text: string, more = 'count: 1\n'): Promise<unknown> {
  const [vm] = await checked({
    'a.yaml': `${ROW.replace('web-{n}', 'web')}cloud_init: { runcmd: [${JSON.stringify(text)}] }\n${more}`,
  });
  return vm?.machine?.provisioning?.runCommands[0] ?? vm?.diagnostics[0]?.text;
}

describe('braces', () => {
  it.each([
    ['{n}: {index}', '1: 0'],
    ["awk '{print $1}' {} {{ jinja }} {a:1} {1}", "awk '{print $1}' {} {{ jinja }} {a:1} {1}"],
    ['${{HOME}} {{n}}', '${HOME} {n}'],
    ['{{{n}}}', '{{n}}'],
    ['{{{{n}}}}', '{{{n}}}'],
  ])('of %j come to %j', async (text, after) => {
    expect(await commandOf(text)).toBe(after);
  });

  it('at the beginning of a text need quotes', async () => {
    const text = NAMED.replace('10.0.0.2/24', '{address}/24');
    expect(await mistakes({ 'a.yaml': text })).toStrictEqual([
      'a.yaml:8:18: a text that begins with { needs quotes, around all of it',
    ]);
  });

  it('stay as they are in a file that has no rows', async () => {
    expect(await commandOf('{n} {{n}} ${HOME}', '')).toBe('{n} {{n}} ${HOME}');
  });

  it('that nothing fills are told where they stand', async () => {
    const text = `${ROW}count: 2\ncloud_init:\n  runcmd:\n    - echo {n} $HOME\n    - echo $\{HOME}\n`;
    expect(await mistakes({ 'a.yaml': text })).toStrictEqual([
      'a.yaml:15:13: cloud_init.runcmd[1]: nothing fills {HOME}: there are {n}, {index}; write {{HOME}} for the text itself',
    ]);
  });

  it('do not grow without an end', async () => {
    const long = 'x'.repeat(60_000);
    const text = `${NAMED.replace('"{name}"', 'aa')}description: "${'{name}'.repeat(1000)}"\neach: [{ name: ${long} }]\n`;
    expect(await mistakes({ 'a.yaml': text })).toStrictEqual([
      'a.yaml:11:14: description: comes to more than 128 KiB of text',
    ]);
  });

  it('fill nothing that all objects have', async () => {
    const text = `${ROW}count: 1\ndescription: "{constructor} {__proto__}"\n`;
    const lines = await mistakes({ 'a.yaml': text });
    expect(lines.map((line) => line.replace(/:.*nothing/u, ' nothing'))).toHaveLength(2);
  });
});
