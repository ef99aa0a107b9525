import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { shellArgument, shellQuote } from '../../../src/text/shell-quote.ts';
import { connect } from '../../../src/libvirt/connect.ts';
import { showLines } from '../../../src/views/show/text.ts';
import { Exporter } from '../../../src/vm/export/export-vm.ts';
import { readDocument } from '../../../src/vm/read-document.ts';
import { testContext } from '../vm/context.ts';
import { ownDocument, shown } from '../vm/shown.ts';

const HOSTILE = [
  'a b',
  "it's",
  '$(id)',
  '`id`',
  'a;id>x',
  'x&y?z=1',
  '=ls',
  '~root',
  '#a',
  '*',
  '',
  '-rf',
  '--help',
  '!!',
  String.raw`a\b`,
];

/** The words that a shell makes of a line. */
function words(line: string): readonly string[] {
  const printed = execFileSync('bash', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  return printed.split('\0').slice(0, -1);
}

async function hintOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof PlowError) return error.hint ?? '';
    throw error;
  }
  throw new Error('it did not fail');
}

describe('a word of a shell', () => {
  it.each(HOSTILE)('is the text itself: %j', (text) => {
    expect(words(shellQuote(text))).toStrictEqual([text]);
    expect(words(shellArgument(text))).toStrictEqual(text.startsWith('-') ? ['--', text] : [text]);
  });
});

describe('a command in a hint', () => {
  it.each(HOSTILE.filter((name) => name !== ''))(
    'has the name as one word, and no option: %j',
    async (name) => {
      const argument = name.startsWith('-') ? ['--', name] : [name];
      const unread = await hintOf(() => readDocument({ name, xml: '<' }));
      expect(words(unread)).toStrictEqual(['see', 'virsh', 'dumpxml', '--inactive', ...argument]);

      const context = testContext({});
      context.hypervisor.addDomain(name, ownDocument('creating'), 'shut off');
      const incomplete = await hintOf(() => new Exporter(context).export(name));
      expect(words(incomplete).slice(0, -6)).toStrictEqual(['plow', 'destroy', ...argument]);

      const lines = showLines({ ...(await shown()), name, incomplete: true }, new Date(), undefined);
      const line = lines.find((one) => one.startsWith('Incomplete:'))?.replace(/.*; /u, '') ?? '';
      expect(words(line)).toStrictEqual(['plow', 'destroy', ...argument, 'removes', 'it']);
    },
  );

  it('has the URI as one word, without its password', async () => {
    const uri = "qemu+tcp://me:geheim@127.0.0.1:1/system?a=$(id)&b=';id>x";
    const hint = await hintOf(() => connect(uri, { access: 'read-only' }));
    expect(words(hint).slice(-4)).toStrictEqual([
      'virsh',
      '-c',
      "qemu+tcp://me:***@127.0.0.1:1/system?a=$(id)&b=';id>x",
      'version',
    ]);
  });
});
