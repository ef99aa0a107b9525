import { describe, expect, it } from 'vitest';
import { connect } from '../../../../src/libvirt/connect.ts';
import { domainDocument, poolDocument, TEST_URI, volumeDocument } from '../test-driver.ts';

describe('what a call is about', () => {
  it('are names and paths, and never a document', async () => {
    const seen: string[] = [];
    const { hypervisor, close } = await connect(TEST_URI, {
      observe: (call, _, about) => void seen.push(`${call} ${about}`),
    });
    const domain = await hypervisor.defineDomain(domainDocument('web', '<secret>abc</secret>'));
    await domain.xml('stored');
    await hypervisor.findDomain('other');
    const pool = await hypervisor.startPool(poolDocument('images'), { build: false });
    const volume = await pool.createVolume(volumeDocument('boot.qcow2'));
    await volume.delete();
    await pool.stop();
    await domain.undefine();
    await close();
    expect(seen).toContain('virDomainDefineXMLFlags web');
    expect(seen).toContain('virDomainGetXMLDesc web');
    expect(seen).toContain('virDomainLookupByName other');
    expect(seen).toContain('virStoragePoolCreateXML images');
    expect(seen).toContain('virStorageVolCreateXML images boot.qcow2');
    expect(seen).toContain('virStorageVolDelete /images/boot.qcow2');
    expect(seen.join(' ')).not.toMatch(/[<>]|abc/u);
  });
});
