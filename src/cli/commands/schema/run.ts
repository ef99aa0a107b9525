import { PlowError } from '../../../errors/plow-error.ts';
import { documentJsonSchema } from '../../../documents/json-schemas.ts';
import type { DocumentName } from '../../../documents/document.ts';
import { vmJsonSchema, vmReferenceSchema } from '../../../config/vm-file/json-schema.ts';
import { lockJsonSchema } from '../../../config/images-lock/json-schema.ts';
import { networkJsonSchema } from '../../../config/network-file/json-schema.ts';
import { schemaReference } from '../../../config/vm-file/reference-page.ts';
import type { Environment } from '../../environment.ts';

/** `plow schema` @throws PlowError (config) where there is no such page */
export function runSchema(
  what: 'vm' | 'images-lock' | 'network' | DocumentName,
  format: 'json' | 'markdown',
  { output }: Environment,
): void {
  if (format === 'json') return output.print(JSON.stringify(schemaOf(what), null, 2));
  if (what !== 'vm') throw new PlowError('config', `there is a page about the keys of VM files only`);
  output.print(schemaReference(vmReferenceSchema()).trimEnd());
}

function schemaOf(what: Parameters<typeof runSchema>[0]): Readonly<Record<string, unknown>> {
  if (what === 'vm') return vmJsonSchema();
  if (what === 'network') return networkJsonSchema();
  return what === 'images-lock' ? lockJsonSchema() : documentJsonSchema(what);
}
