import { expect, it } from 'vitest';
import { changedMetadata } from '../../../../src/libvirt-xml/metadata/change.ts';
import { METADATA_NAMESPACE } from '../../../../src/libvirt-xml/metadata/metadata.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';

function domain(json: string, uuid = UUID): ReturnType<typeof parseXml> {
  const { uri } = METADATA_NAMESPACE;
  return parseXml(`<domain><uuid>${UUID}</uuid><metadata>
    <other:thing xmlns:other='urn:other'/>
    <plow:vm xmlns:plow='${uri}' status='ready' uuid='${uuid}' directory='/a &amp; b' later='&lt;x&gt;'>${json}</plow:vm>
  </metadata></domain>`);
}

const STORED =
  '{"unknown":{"a":"&lt;&amp;&gt;"},"vcpus":1,"memoryMib":1024,"bootDisk":{"sizeGib":1,"odd":true},"dataDisks":[{"device":"vdb","sizeGib":1},{"device":"vdc","sizeGib":5}]}';

it('changes what is to change, and keeps what it does not know', () => {
  const change = {
    vcpus: 2,
    memoryMib: 1536,
    diskSizes: new Map([
      ['vda', 9],
      ['vdb', 7],
      ['vdx', 3],
    ]),
  };
  expect(changedMetadata(domain(STORED), change)).toBe(
    `<vm status="ready" uuid="${UUID}" directory="/a &amp; b" later="&lt;x&gt;">` +
      '{"unknown":{"a":"&lt;&amp;&gt;"},"vcpus":2,"memoryMib":1536,"bootDisk":{"sizeGib":9,"odd":true},' +
      '"dataDisks":[{"device":"vdb","sizeGib":7},{"device":"vdc","sizeGib":5}]}</vm>',
  );
});

it('is nothing where nothing changes, or the element is not of this VM', () => {
  const diskSizes = new Map([['vdb', 1]]);
  expect(changedMetadata(domain(STORED), { vcpus: 1, diskSizes })).toBeUndefined();
  expect(changedMetadata(domain(STORED, 'a clone has another one'), { vcpus: 3, diskSizes })).toBeUndefined();
  expect(changedMetadata(parseXml('<domain/>'), { vcpus: 3, diskSizes })).toBeUndefined();
});
