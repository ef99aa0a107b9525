import { isReason } from '../../../src/errors/hypervisor-error.ts';
import { Connection } from '../../../src/libvirt/connection/connection.ts';
import { OVERLAP } from '../../../src/libvirt/connection/concurrency.ts';
import { exitNow } from '../../../src/libvirt/abi/native.ts';

// A process of its own: what libvirt leaves in flight on a line that keepalive has given up has pointers into
// stacks of threads that have gone on. Whatever comes on that line afterwards may kill the process.

async function main([socket = '', how]: readonly string[]): Promise<void> {
  const isFar = how === 'calls';
  const overlap = isFar ? OVERLAP.far : OVERLAP.near;
  const connection = await Connection.open(`qemu+unix:///system?socket=${socket}`, { overlap });
  const { pointer } = connection;
  const domain = await connection.callObject('virDomain', 'virDomainLookupByName', pointer, 'vm0');
  const xml = (): Promise<unknown> => connection.call('virDomainGetXMLDesc', domain, 0);
  // No more than the threads of this process, of which libvirt's event loop has one.
  const questions = [
    [domain, 0],
    [domain, 0],
  ] as const;
  const asked = isFar ? [xml(), xml()] : [connection.callBatch('virDomainGetXMLDesc', questions)];
  const begun = performance.now();
  const works = [...asked, connection.call('virConnectGetCapabilities', pointer)];
  const outcomes = await Promise.allSettled(works);
  const told = outcomes.map((one) => one.status === 'rejected' && isReason(one.reason, 'disconnected'));
  const isClosed = (await connection.close()) !== undefined;
  const result = { told, isClosed, milliseconds: performance.now() - begun };
  process.stdout.write(JSON.stringify(result), () => exitNow(0));
}

void main(process.argv.slice(2));
