import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tally } from '../tally.ts';
import { checkFrames, framedLines } from './feed.ts';
import { mutant } from './mutator.ts';
import { COUNT, Random, REPEAT, SEED } from './seed.ts';

const CASES = Math.ceil(COUNT * 0.3);
/** So much of a secret in a row is one still; what a mutation has cut into smaller pieces is none. */
const LEAK = 32;

const HASH = 'CanaryOfTheHash0123456789CanaryOfTheHash0123456789CanaryOfTheHash0123456789CanaryOfThe';
const KEY = 'b3BlbkNhbmFyeU9mVGhlS2V5MDEyMzQ1Njc4OUNhbmFyeU9mVGhlS2V5MDEyMzQ1Njc4OQ';

const VM = `name: my-vm
vcpus: 2
memory_gib: 4
boot_disk: { size_gb: 10, image: /img/a.qcow2 }
network_interfaces:
  - { ip: 10.0.0.2/24, gateway: 10.0.0.1, bridge: br0 }
`;

/** Places where secrets are, with mistakes around them, so that frames come near. */
const TEXTS: readonly string[] = [
  `${VM}cloud_init:\n  root_password_hash: $6$saltsalt$${HASH}\n  fqdn: a.b.c\n`,
  `${VM}cloud_init:\n  root_password_hash: "$6$saltsalt$${HASH}" # of root\n  ssh_pwauth: yes\n`,
  `${VM}cloud_init: {ssh_pwauth: yes, root_password_hash: '$6$saltsalt$${HASH}', fqdn: a}\n`,
  `${VM}cloud_init:\n  root_password_hash: >-\n    $6$saltsalt$${HASH}\n  fqdn: a\n`,
  `${VM}hash: &h $6$saltsalt$${HASH}\ncloud_init:\n  root_password_hash: *h\n`,
  `${VM}cloud_init:\n  fqdn: $6$saltsalt$${HASH}\n`,
  `${VM}cloud_init:\n  ssh_keys:\n    - |\n      -----BEGIN OPENSSH PRIVATE KEY-----\n      ${KEY}\n      -----END OPENSSH PRIVATE KEY-----\n`,
  `${VM}cloud_init:\n  ssh_keys:\n    - ${KEY}\n    - "-----BEGIN PRIVATE KEY-----\\n${KEY}\\n"\n`,
];

const directory = mkdtempSync('/dev/shm/plow-frames-');
afterAll(() => rmSync(directory, { recursive: true }));

function leaked(lines: readonly string[]): boolean {
  const said = lines.join('\n');
  return [HASH, KEY].some((secret) =>
    Array.from({ length: secret.length - LEAK + 1 }, (_, at) => secret.slice(at, at + LEAK)).some((part) =>
      said.includes(part),
    ),
  );
}

describe('what plow validate shows of files with secrets', () => {
  it(`is fit for a terminal and shows none of them (${REPEAT})`, async () => {
    const file = join(directory, 'vm.yaml');
    const failures: string[] = [];
    let frames = 0;
    for (let index = 0; index < CASES && failures.length < 5; index += 1) {
      const bytes = mutant(new Random(SEED, index), TEXTS);
      writeFileSync(file, bytes);
      try {
        const told = await framedLines(file);
        frames += told.filter(([, frame]) => frame !== undefined).length;
        checkFrames(told);
        if (leaked(told.flat())) failures.push(`case ${index}: ${told.flat().join('\n')}`);
      } catch (error) {
        failures.push(`case ${index}, ${String(error)}`);
      }
    }
    tally('YAMLs tried', CASES);
    expect(failures, `repeat with ${REPEAT}`).toStrictEqual([]);
    // Without frames the test says nothing.
    expect(frames).toBeGreaterThan(CASES / 2);
  });
});
