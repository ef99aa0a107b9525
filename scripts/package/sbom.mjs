// What the packages have in them, for programs: https://cyclonedx.org/docs/1.5/json/
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_VERSION } from './sources.mjs';

/** @param bundle as of parts() */
export function makeSbom(out, bundle, { version, epoch }) {
  const bundled = bundle.map(({ name, version: own, license }) => ({
    type: 'library',
    name,
    version: own,
    purl: `pkg:npm/${name.replace('@', '%40')}@${own}`,
    licenses: [{ license: { id: license } }],
  }));
  const node = {
    type: 'application',
    name: 'node',
    version: NODE_VERSION,
    purl: `pkg:generic/node@${NODE_VERSION}`,
    licenses: [{ license: { id: 'MIT' } }],
  };
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      timestamp: new Date(epoch * 1000).toISOString(),
      component: { type: 'application', name: 'plow', version, licenses: [{ license: { id: 'MIT' } }] },
    },
    components: [...bundled, node],
  };
  const file = join(out, `plow-${version}.cdx.json`);
  writeFileSync(file, `${JSON.stringify(document, undefined, 2)}\n`);
  return file;
}
