/**
 * Of every document for programs. Keys may come without a new one; a key that goes or means something else is
 * version 2.
 */
export const VERSION = 1;

/** What `plow schema` knows besides VM files. */
export const DOCUMENT_NAMES = [
  'list',
  'top',
  'show',
  'log',
  'result',
  'plan',
  'diff',
  'apply',
  'destroy-plan',
  'gc',
  'validate',
  'render',
  'doctor',
  'config',
  'snapshot',
  'hosts',
  'host',
  'image',
  'image-catalog',
  'image-outdated',
  'image-update',
  'network-status',
  'next-address',
  'error',
] as const;

export type DocumentName = (typeof DOCUMENT_NAMES)[number];
