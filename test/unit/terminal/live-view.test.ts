import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LiveView } from '../../../src/terminal/live-view.ts';

interface Drawn {
  readonly view: LiveView;
  readonly show: (...lines: readonly string[]) => void;
  readonly printed: readonly string[];
  readonly said: readonly string[];
  readonly drawn: () => string;
}

function viewOn(screen: { interactive: boolean; columns?: number; rows?: number }): Drawn {
  const printed: string[] = [];
  const said: string[] = [];
  const stream = new PassThrough();
  let drawn = '';
  stream.on('data', (chunk: Buffer) => (drawn += chunk.toString().replaceAll('\u001b', '^')));
  const { interactive, columns, rows } = screen;
  const output = {
    print: (text: string) => void printed.push(text),
    accomplished: () => {},
    say: (text: string) => void said.push(text),
    lost: new Promise<void>(() => {}),
    interactive,
    color: false,
    stream,
  };
  const view = new LiveView(output, { columns, rows }, interactive);
  return {
    view,
    show: (...lines) => view.show({ lines, note: undefined }),
    printed,
    said,
    drawn: () => drawn,
  };
}

const ENTER = '^[?1049h^[?25l^[H';

describe('a live view in a terminal', () => {
  it('overwrites what it drew, takes away what is left of it, and in the end leaves it on the screen it found', () => {
    const { view, show, drawn } = viewOn({ interactive: true, columns: 80, rows: 24 });
    show('a', 'b');
    show('c');
    view.stop();
    expect(drawn()).toBe(`${ENTER}a^[K\r\nb^[K\r\n^[J^[Hc^[K\r\n^[J^[?1049l^[?25hc\n`);
  });

  it('keeps within the rows and columns of the terminal', () => {
    const { show, drawn } = viewOn({ interactive: true, columns: 13, rows: 3 });
    show('1', '2', '3', '4', '5');
    expect(drawn()).toBe(`${ENTER}1^[K\r\n2^[K\r\n… 3 more^[K`);
    show('1', '2 is too long for it');
    expect(drawn()).toContain('^[H1^[K\r\n2 is too long\r\n for it^[K');
    show('1', '2 is too long for it', '3');
    expect(drawn()).toContain('^[H1^[K\r\n2 is too long\r\n… 2 more^[K');
  });

  it('erases nothing of a line that fills its row, whatever its colours', () => {
    const { show, drawn } = viewOn({ interactive: true, columns: 4, rows: 2 });
    show('\u001B[32mfull\u001B[39m', 'full');
    expect(drawn()).toBe(`${ENTER}^[32mfull^[39m\r\nfull`);
  });

  it('counts the lines of a document', () => {
    const { show, drawn } = viewOn({ interactive: true, columns: 80, rows: 2 });
    show('{\n1\n}');
    expect(drawn()).toBe(`${ENTER}{^[K\r\n… 2 more^[K`);
  });

  it('has a note in its last line', () => {
    const { view, said, drawn } = viewOn({ interactive: true, columns: 80, rows: 24 });
    view.show({ lines: ['NAME'], note: 'no VMs' });
    expect(drawn()).toBe(`${ENTER}NAME^[K\r\nno VMs^[K\r\n^[J`);
    expect(said).toStrictEqual([]);
  });

  it('gives back nothing that it has not taken, and goes on after it was stopped', () => {
    const { view, show, drawn } = viewOn({ interactive: true, columns: 80, rows: 24 });
    view.stop();
    expect(drawn()).toBe('');
    show('a');
    view.stop();
    view.stop();
    show('b');
    expect(drawn()).toBe(`${ENTER}a^[K\r\n^[J^[?1049l^[?25ha\n${ENTER}b^[K\r\n^[J`);
  });

  it.each([0, undefined])('draws all where the terminal does not know its size: %s', (size) => {
    const { show, drawn } = viewOn({
      interactive: true,
      ...(size === undefined ? {} : { columns: size, rows: size }),
    });
    show('a long line', 'b', 'c', 'd');
    expect(drawn()).toBe(`${ENTER}a long line^[K\r\nb^[K\r\nc^[K\r\nd^[K\r\n^[J`);
  });
});

describe('a live view in a pipe', () => {
  it('prints what has changed, after an empty line', () => {
    const { view, show, printed, drawn } = viewOn({ interactive: false, columns: 3, rows: 1 });
    show('a long line', 'b');
    show('a long line', 'b');
    show('c');
    view.stop();
    expect(printed).toStrictEqual(['a long line', 'b', '', 'c']);
    expect(drawn()).toBe('');
  });

  it('says a note with what it prints', () => {
    const { view, said } = viewOn({ interactive: false });
    for (const lines of [['a'], ['NAME'], ['NAME']]) {
      view.show({ lines, note: lines[0] === 'NAME' ? 'no VMs' : undefined });
    }
    expect(said).toStrictEqual(['no VMs']);
  });
});
