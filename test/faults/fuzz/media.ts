import * as fc from 'fast-check';

const image = fc.stringMatching(/^[A-Za-z0-9 _.&<>'"-]{1,30}$/).map((name) => `/iso/x${name}.iso`);

const cdrom = fc.oneof(
  image,
  fc.record({ image, bus: fc.constantFrom('sata', 'scsi') }, { requiredKeys: [] }),
);

const withoutDrive = [['disk'], ['network', 'disk'], ['disk', 'network'], ['network']];
const withDrive = [
  ['cdrom', 'disk'],
  ['disk', 'cdrom', 'network'],
  ['network', 'cdrom'],
  ['cdrom'],
  ['disk'],
];

/** A drive or none, and a boot list that fits it or none, as keys of a VM file. */
export const media: fc.Arbitrary<object> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.constantFrom(...withoutDrive).map((boot) => ({ boot })),
  cdrom.map((drive) => ({ cdrom: drive })),
  fc.tuple(cdrom, fc.constantFrom(...withDrive)).map(([drive, boot]) => ({ cdrom: drive, boot })),
);
