import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LiveView } from '../../../src/terminal/live-view.ts';

interface Drawn {
  readonly view: LiveView;
  readonly printed: readonly string[];
  readonly drawn: () => string;
}

function viewOn(screen: { interactive: boolean; columns?: number; rows?: number }): Drawn {
  const printed: string[] = [];
  const stream = new PassThrough();
  let drawn = '';
  stream.on('data', (chunk: Buffer) => (drawn += chunk.toString().replaceAll('\u001b', '^')));
  const { interactive, columns, rows } = screen;
  const output = {
    print: (text: string) => void printed.push(text),
    say: () => {},
    lost: new Promise<void>(() => {}),
    interactive,
    color: false,
    stream,
  };
  return { view: new LiveView(output, { columns, rows }), printed, drawn: () => drawn };
}

describe('a live view in a terminal', () => {
  it('overwrites what it drew, and takes away what is left of it', () => {
    const { view, drawn } = viewOn({ interactive: true, columns: 80, rows: 24 });
    view.show(['a', 'b']);
    view.show(['c']);
    view.stop();
    expect(drawn()).toBe('^[?25l\ra^[K\nb^[K\n^[J^[?25l\r^[2Ac^[K\n^[J^[?25h');
  });

  it('keeps within the rows and columns of the terminal', () => {
    const { view, drawn } = viewOn({ interactive: true, columns: 10, rows: 4 });
    view.show(['1', '2', '3', '4', '5 which is too long']);
    expect(drawn()).toBe('^[?25l\r1^[K\n2^[K\n… 3 more^[K\n^[J');
    view.show(['1', '5 which is too long']);
    expect(drawn()).toContain('^[?25l\r^[3A1^[K\n5 which i…^[K\n^[J');
  });

  it('counts the lines of a document', () => {
    const { view, drawn } = viewOn({ interactive: true, columns: 80, rows: 24 });
    view.show(['{\n}']);
    view.show(['{}']);
    expect(drawn()).toContain('^[2A{}');
  });

  it('hides no cursor before it has drawn', () => {
    const { view, drawn } = viewOn({ interactive: true });
    view.stop();
    expect(drawn()).toBe('');
  });

  it.each([0, undefined])('draws all where the terminal does not know its size: %s', (size) => {
    const { view, drawn } = viewOn({
      interactive: true,
      ...(size === undefined ? {} : { columns: size, rows: size }),
    });
    view.show(['a long line', 'b', 'c', 'd']);
    expect(drawn()).toBe('^[?25l\ra long line^[K\nb^[K\nc^[K\nd^[K\n^[J');
  });
});

describe('a live view in a pipe', () => {
  it('prints what has changed, after an empty line', () => {
    const { view, printed, drawn } = viewOn({ interactive: false, columns: 3, rows: 1 });
    view.show(['a long line', 'b']);
    view.show(['a long line', 'b']);
    view.show(['c']);
    view.stop();
    expect(printed).toStrictEqual(['a long line', 'b', '', 'c']);
    expect(drawn()).toBe('');
  });
});
