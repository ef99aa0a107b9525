import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { configFile, knownKeys } from '../../../../../src/config/vm-file/schema/vm-file.ts';

const JSON_SCHEMA: unknown = z.toJSONSchema(configFile, { io: 'input' });

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inside, key) => (inside instanceof Object ? Reflect.get(inside, key) : undefined),
    value,
  );
}

function keysOf(value: unknown): readonly string[] {
  return value instanceof Object ? Object.keys(value) : [];
}

describe('the schema', () => {
  it.each([
    ['the file', [], at(JSON_SCHEMA, 'properties')],
    ['boot_disk', ['boot_disk'], at(JSON_SCHEMA, 'properties', 'boot_disk', 'properties')],
    ['data_disks', ['data_disks', 0], at(JSON_SCHEMA, 'properties', 'data_disks', 'items', 'properties')],
    [
      'network_interfaces',
      ['network_interfaces', 0],
      at(JSON_SCHEMA, 'properties', 'network_interfaces', 'items', 'properties'),
    ],
    ['cloud_init', ['cloud_init'], at(JSON_SCHEMA, 'properties', 'cloud_init', 'properties')],
  ])('describes every key of %s in a sentence', (_, path, properties) => {
    expect(keysOf(properties)).toStrictEqual(knownKeys(path));
    expect(
      keysOf(properties).filter((key) => !String(at(properties, key, 'description')).endsWith('.')),
    ).toStrictEqual([]);
  });

  it('holds the defaults', () => {
    const properties = at(JSON_SCHEMA, 'properties');
    const defaults = keysOf(properties).map((key) => [key, at(properties, key, 'default')]);
    expect(Object.fromEntries(defaults.filter(([, value]) => value !== undefined))).toStrictEqual({
      tags: [],
      data_disks: [],
      autostart: true,
      on_crash: 'destroy',
      firmware: 'uefi',
      tpm: false,
      secure_boot: false,
      fw_cfg: [],
      shares: [],
    });
  });
});
