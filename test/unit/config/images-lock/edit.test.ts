import { describe, expect, it } from 'vitest';
import { checkLock } from '../../../../src/config/images-lock/check.ts';
import { withBuild } from '../../../../src/config/images-lock/edit.ts';

const BUILD = {
  version: '20260712',
  url: 'https://example.com/a.qcow2',
  format: 'qcow2',
  content: `sha256:${'a'.repeat(64)}`,
  downloaded: `sha512:${'b'.repeat(128)}`,
} as const;

const HEADING =
  '# Which build plow takes for the name of an image. plow image update moves them; belongs into git.';

const build = (version: string): string => `      version: ${version}
      url: https://example.com/a.qcow2
      format: qcow2
      content: sha256:${'a'.repeat(64)}
      downloaded: sha512:${'b'.repeat(128)}
`;

describe('a lock that is written', () => {
  it('begins with one line of comment, and is what it was told', () => {
    const text = withBuild('', 'debian-12', 'x86_64', BUILD);
    expect(text).toBe(`${HEADING}\n\nimages:\n  debian-12:\n    x86_64:\n${build('"20260712"')}`);
    expect(checkLock('images.lock', text)).toStrictEqual({
      file: 'images.lock',
      images: new Map([['debian-12', { x86_64: BUILD }]]),
    });
  });

  it.each(['1.10', '0x10', 'null', 'true', '1e3', '007', 'no', '2026-07-12', '20260712-2537'])(
    'keeps the version %s as it is',
    (version) => {
      const lock = checkLock('a', withBuild('', 'a', 'x86_64', { ...BUILD, version }));
      expect(lock).toMatchObject({ images: new Map([['a', { x86_64: { ...BUILD, version } }]]) });
    },
  );

  it('is in order, whatever is added first, and the same again', () => {
    let text = withBuild('', 'fedora-43', 'x86_64', BUILD);
    text = withBuild(text, 'debian-12', 'x86_64', BUILD);
    text = withBuild(text, 'debian-12', 'aarch64', BUILD);
    text = withBuild(text, 'alma-10', 'aarch64', BUILD);
    const keys = text.match(/^ {2,4}\S+:$/gmu)?.map((line) => line.trim());
    expect(keys).toStrictEqual('alma-10: aarch64: debian-12: x86_64: aarch64: fedora-43: x86_64:'.split(' '));
    expect(withBuild(text, 'debian-12', 'aarch64', BUILD)).toBe(text);
    let other = withBuild('', 'alma-10', 'aarch64', BUILD);
    other = withBuild(other, 'debian-12', 'aarch64', BUILD);
    other = withBuild(other, 'fedora-43', 'x86_64', BUILD);
    expect(withBuild(other, 'debian-12', 'x86_64', BUILD)).toBe(text);
  });

  it('differs in the lines of what has moved, and keeps what others have said', () => {
    const text = `# ours
images:
  # the old ones first
  debian-12:
    x86_64:
      version: "1" # as tested
${build('"1"').replace(/^.*\n/u, '')}  # and this
  fedora-43:
    x86_64:
${build('"1"')}`;
    const moved = withBuild(text, 'debian-12', 'x86_64', { ...BUILD, version: '2' });
    expect(moved).toBe(text.replace('"1" # as tested', '"2" # as tested'));
    const added = withBuild(text, 'alma-10', 'x86_64', BUILD);
    expect(added).toContain(
      `images:\n  alma-10:\n    x86_64:\n${build('"20260712"')}  # the old ones first\n  debian-12:`,
    );
    expect(added).toContain('  # and this\n  fedora-43:');
  });

  it('is the same text, whatever was in it before', () => {
    const text = withBuild('', 'a', 'x86_64', { ...BUILD, version: '1-2' });
    const quoted = withBuild(text.replace('1-2', "'1'"), 'a', 'x86_64', { ...BUILD, version: '1-2' });
    expect(quoted).toBe(text);
    expect(
      withBuild(withBuild(text, 'a', 'x86_64', BUILD), 'a', 'x86_64', { ...BUILD, version: '1-2' }),
    ).toBe(text);
  });

  it('drops a digest of another build that is not known of this one', () => {
    const text = withBuild('', 'a', 'x86_64', BUILD);
    const { downloaded: _none, ...rest } = BUILD;
    expect(withBuild(text, 'a', 'x86_64', rest)).toBe(text.replace(/^ +downloaded.*\n/mu, ''));
  });
});
