import koffi from 'koffi';
import type { DiskSize, DiskSizes } from '../../../hypervisor/domain-facts.ts';
import type { Connection } from '../../connection/connection.ts';
import { takenField } from './taken.ts';
import type { Pointer } from '../../abi/native.ts';
import { VIR_DOMAIN_BLOCK_INFO } from '../../abi/structs.ts';

interface NativeBlockInfo {
  readonly capacity: number | bigint;
  readonly allocation: number | bigint;
  readonly physical: number | bigint;
}

/**
 * Sizes of a domain's disks by target. A QEMU that runs is asked, which takes for ever where it hangs: what
 * is not told in time is left out. https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetBlockInfo
 */
export async function diskSizes(
  connection: Connection,
  domain: Pointer<'virDomain'>,
  targets: readonly string[],
  withinMs: number,
): Promise<DiskSizes> {
  const taken = takenField(domain);
  let answered = 0;
  const questions = targets.map((target) => {
    const buffer = Buffer.alloc(koffi.sizeof(VIR_DOMAIN_BLOCK_INFO));
    return {
      args: [domain, target, buffer, 0],
      begun: () => {},
      ended: (answer: unknown): DiskSize | undefined => {
        answered += 1;
        if (answer === undefined) return undefined;
        const info = koffi.decode(buffer, VIR_DOMAIN_BLOCK_INFO) as NativeBlockInfo;
        return { capacityBytes: Number(info.capacity), takenBytes: Number(info[taken]) };
      },
    };
  });
  const sizes = await connection.callBatchWithin(withinMs, 'virDomainGetBlockInfo', questions);
  return {
    sizes: new Map(
      targets.flatMap((target, index) => {
        const size = sizes[index];
        return size === undefined ? [] : [[target, size] as const];
      }),
    ),
    inTime: answered === targets.length,
  };
}
