import * as fc from 'fast-check';

const port = fc.integer({ min: 5900, max: 65_535 });
const video = fc.constantFrom('virtio', 'vga');
const once = fc.boolean();

/** Where no other machine comes, at a port or not; where it does, nobody gets in without a password. */
const screen = fc.oneof(
  fc.record(
    { listen: fc.constantFrom('none', 'socket'), one_time_password: once, video },
    { requiredKeys: [] },
  ),
  fc.record(
    { listen: fc.constantFrom('127.0.0.1', '127.255.0.9'), port, one_time_password: once, video },
    { requiredKeys: [] },
  ),
  fc.record(
    {
      listen: fc.constantFrom('0.0.0.0', '10.0.0.1', '203.0.113.255'),
      port,
      one_time_password: fc.constant(true),
      video,
    },
    { requiredKeys: ['listen', 'one_time_password'] },
  ),
);

/** A screen or none, as keys of a VM file; without a password of a file, which no text of a VM file has. */
export const screens: fc.Arbitrary<object> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: once.map((vnc) => ({ vnc })) },
  { weight: 2, arbitrary: screen.map((vnc) => ({ vnc })) },
);
