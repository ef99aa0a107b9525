import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { runCli } from '../../../../src/cli/program.ts';
import { checkFiles } from '../../../../src/config/vm-file/check-files.ts';
import { SMALLEST } from '../../config/sample.ts';
import { fakeEnvironment } from '../environment.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-render-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function render(
  text: string,
  ...options: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly said: string }> {
  const file = join(folder, 'a.yaml');
  await writeFile(file, text);
  const environment = fakeEnvironment();
  const code = await runCli(['render', ...options, file], environment);
  return { code, out: environment.stdout.join('\n'), said: environment.stderr.join('\n') };
}

/** Texts that a YAML writer may take for something else, or lose. */
const ODD = [
  'yes',
  '1.10',
  '~',
  ' a ',
  'a: b',
  '# c',
  '{n}',
  '${{x}}',
  '*',
  '&',
  "it's",
  '"',
  'a\n\n b\n',
  '007',
  '0x1F',
];

describe('plow render', () => {
  it('prints what makes the same VMs', async () => {
    const runcmd = ODD.map((word) => JSON.stringify(word)).join(', ');
    const text = `${SMALLEST}cloud_init: { runcmd: [${runcmd}] }\n---\n${SMALLEST.replace('my-vm', 'web-{n}').replace('0.2/24', '1.2/16')}count: 2\n`;
    const { code, out, said } = await render(text);
    expect(said).toBe('');
    expect(code).toBe(0);
    const given = await checkFiles([join(folder, 'a.yaml')], { virtType: undefined });
    await writeFile(join(folder, 'b.yaml'), `${out}\n`);
    const rendered = await checkFiles([join(folder, 'b.yaml')], { virtType: undefined });
    expect(rendered).toHaveLength(3);
    expect(rendered.map(({ machine }) => machine)).toStrictEqual(given.map(({ machine }) => machine));
    expect(rendered[0]?.machine?.provisioning?.runCommands).toContain('${{x}}');
  });

  it('prints a document for each with -o json', async () => {
    const { out } = await render(`${SMALLEST.replace('my-vm', 'web-{n}')}count: 2\n`, '-o', 'json');
    const documents = out
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly vm: { readonly name: string } });
    expect(documents.map(({ vm }) => vm.name)).toStrictEqual(['web-1', 'web-2']);
  });

  it('prints nothing of a file that cannot be finished, and what has a mistake with it', async () => {
    expect(await render('extends: none.yaml\nname: web\n')).toMatchObject({ code: 2, out: '' });
    expect(await render('name: {')).toMatchObject({ code: 1, out: '' });
    const wrong = await render('name: web\n');
    expect([wrong.code, wrong.out]).toStrictEqual([2, 'name: web']);
    expect(wrong.said).toContain('vcpus: is required');
  });

  it('names secret files, and does not read them', async () => {
    await writeFile(join(folder, 'secret'), 'hunter2\n', { mode: 0o600 });
    const { code, out, said } = await render(
      `${SMALLEST}vnc: { listen: 10.0.0.9, port: 5901, password_file: secret }\n`,
    );
    expect([code, said.includes('error')]).toStrictEqual([0, false]);
    expect(out).toContain('password_file: secret');
    expect(out + said).not.toContain('hunter2');
  });
});
