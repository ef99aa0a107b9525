import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What Ignition itself says of a config; nothing of one that it takes as it is. */
export function validated(config: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'plow-ignition-'));
  try {
    const file = join(directory, 'config.ign');
    writeFileSync(file, config);
    const { status, stdout, stderr } = spawnSync('ignition-validate', [file], { encoding: 'utf8' });
    return status === 0 && `${stdout}${stderr}` === '' ? '' : `${status}: ${stdout}${stderr}`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Without it every test here would pass. */
export function hasJudge(): boolean {
  return execFileSync('sh', ['-c', 'command -v ignition-validate || true']).length > 0;
}
