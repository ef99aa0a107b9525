import { stringify } from 'yaml';

/**
 * A document for cloud-init, whose parser (PyYAML) knows YAML 1.1: there a bare `no`, `1_000` or `2024-01-01` is
 * not text, and each of them can be the name of a VM.
 */
export function toYaml(document: object): string {
  return stringify(document, { version: '1.1', lineWidth: 0 });
}
