import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const JUDGE = 'virt-xml-validate';

/** What libvirt's own schema has against a document: nothing, if it is right. */
export function diagnostics(
  document: string,
  schema: 'domain' | 'storagepool' | 'storagevol',
): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), 'libvirt-xml-'));
  try {
    const path = join(directory, 'document.xml');
    writeFileSync(path, document);
    const { status, stderr, error } = spawnSync(JUDGE, [path, schema], { encoding: 'utf8' });
    if (error !== undefined) throw error;
    return status === 0 ? [] : [`exit code ${status}`, ...stderr.trim().split('\n')];
  } finally {
    rmSync(directory, { recursive: true });
  }
}
