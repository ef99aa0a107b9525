import * as z from 'zod/mini';
import { applyDocument } from './fleet/apply-schema.ts';
import { catalogDocument } from './images/catalog-schema.ts';
import { configDocument } from './config-schema.ts';
import { destroyPlanDocument } from './destroy-plan-schema.ts';
import { diffDocument } from './fleet/diff-schema.ts';
import { doctorDocument } from './doctor-schema.ts';
import type { DocumentName } from './document.ts';
import { errorDocument } from './error-schema.ts';
import { gcDocument } from './gc/gc-schema.ts';
import { hostDocument } from './hosts/host-schema.ts';
import { hostsDocument } from './hosts/hosts-schema.ts';
import { imageDocument } from './images/image-schema.ts';
import { outdatedDocument } from './images/outdated-schema.ts';
import { updateDocument } from './images/update-schema.ts';
import { listDocument } from './list-schema.ts';
import { logDocument } from './log-schema.ts';
import { nextAddressDocument } from './network/next-address-schema.ts';
import { networkStatusDocument } from './network/status-schema.ts';
import { planDocument } from './plan-schema.ts';
import { resultDocument } from './result-schema.ts';
import type { Content } from './shape.ts';
import { showDocument } from './show-schema.ts';
import { snapshotDocument } from './snapshots/snapshot-schema.ts';
import { renderDocument } from './templates/render-schema.ts';
import { topDocument } from './top/top-schema.ts';
import { validateDocument } from './validate-schema.ts';

/** Every document that a command prints. */
export const DOCUMENTS = {
  list: { shape: listDocument, title: 'What plow list -o json and -o yaml print' },
  top: { shape: topDocument, title: 'What plow top -o json prints' },
  show: { shape: showDocument, title: 'What plow show -o json and -o yaml print' },
  log: { shape: logDocument, title: 'What plow log -o json prints of each line' },
  result: {
    shape: resultDocument,
    title: 'A line of what plow create, destroy, start and the like print with -o json',
  },
  plan: { shape: planDocument, title: 'What plow create --dry-run -o json prints of each VM' },
  diff: { shape: diffDocument, title: 'A line of what plow diff prints with -o json' },
  apply: { shape: applyDocument, title: 'A line of what plow apply prints with -o json' },
  'destroy-plan': {
    shape: destroyPlanDocument,
    title: 'A line of what plow destroy --plan prints with -o json',
  },
  gc: { shape: gcDocument, title: 'A line of what plow gc prints with -o json' },
  render: { shape: renderDocument, title: 'A line of what plow render prints with -o json' },
  validate: { shape: validateDocument, title: 'What plow validate -o json prints' },
  doctor: { shape: doctorDocument, title: 'What plow doctor -o json prints' },
  config: { shape: configDocument, title: 'What plow config -o json prints' },
  snapshot: { shape: snapshotDocument, title: 'What plow snapshot -o json prints' },
  hosts: { shape: hostsDocument, title: 'What plow hosts -o json and -o yaml print' },
  host: { shape: hostDocument, title: 'What plow hosts show -o json and -o yaml print' },
  image: {
    shape: imageDocument,
    title: 'A line of what plow image pull, list, verify, remove and prune print with -o json',
  },
  'image-catalog': {
    shape: catalogDocument,
    title: 'A line of what plow image catalog prints with -o json',
  },
  'image-outdated': {
    shape: outdatedDocument,
    title: 'A line of what plow image outdated prints with -o json',
  },
  'image-update': {
    shape: updateDocument,
    title: 'A line of what plow image update prints with -o json',
  },
  'network-status': { shape: networkStatusDocument, title: 'What plow network status -o json prints' },
  'next-address': { shape: nextAddressDocument, title: 'What plow ip next -o json prints' },
  error: {
    shape: errorDocument,
    title: 'What commands with -o json or -o yaml print on stderr when they fail',
  },
} as const satisfies Record<DocumentName, { readonly shape: z.ZodMiniType; readonly title: string }>;

/** What a document for programs may say: nothing is printed that has no schema. */
export type DocumentContent = Content<(typeof DOCUMENTS)[DocumentName]['shape']>;

/**
 * Keys may come, so that programs must not refuse what they do not know. Draft 2020-12.
 * https://json-schema.org/draft/2020-12/json-schema-core
 */
export function documentJsonSchema(name: DocumentName): Readonly<Record<string, unknown>> {
  const { shape, title } = DOCUMENTS[name];
  const { $schema, ...rest } = z.toJSONSchema(shape, {
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return { $schema, title, ...rest };
}
