import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finished } from './machine.ts';

const SCRIPT = resolve('scripts/release-notes.mjs');

describe('the notes of a release', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'plow-notes-'));
    await writeFile(join(directory, 'package.json'), JSON.stringify({ version: '1.2.0-rc.1' }));
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function notesOf(changelog: string, tag: string): ReturnType<typeof finished> {
    await writeFile(join(directory, 'CHANGELOG.md'), changelog);
    return finished('sh', ['-c', 'cd "$1" && exec node "$2" "$3"', 'sh', directory, SCRIPT, tag]);
  }

  it('are its section of the changelog, and none of another', async () => {
    const changelog = `# Changelog

## [Unreleased]

- later

## [1.2.0-rc.1] - 2026-12-01

### Added

- this

## [1.2.0] - 2026-11-01

- before
`;
    expect(await notesOf(changelog, 'v1.2.0-rc.1')).toEqual({
      code: 0,
      stdout: '### Added\n\n- this\n',
      stderr: '',
    });
  });

  it.each([
    ['another tag than the version', 'v1.2.0', '## [1.2.0]\n', 'the tag is v1.2.0'],
    ['no section', 'v1.2.0-rc.1', '## [Unreleased]\n', 'CHANGELOG.md has no section [1.2.0-rc.1]'],
  ])('are refused for %s', async (_, tag, changelog, words) => {
    const { code, stdout, stderr } = await notesOf(changelog, tag);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(words);
  });
});
