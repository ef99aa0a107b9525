import koffi from 'koffi';
import { VIR_TYPED_PARAMETER } from '../../abi/structs.ts';

/** VIR_TYPED_PARAM_ULLONG */
const UNSIGNED_LONG_LONG = 4;

/**
 * Numbers as an array of virTypedParameter.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainSetBlockIoTune
 */
export function typedNumbers(values: ReadonlyMap<string, number>): Buffer {
  const size = koffi.sizeof(VIR_TYPED_PARAMETER);
  const bytes = Buffer.alloc(values.size * size);
  for (const [index, [field, value]] of [...values].entries()) {
    const at = index * size;
    bytes.write(field, at, 'latin1');
    bytes.writeInt32LE(UNSIGNED_LONG_LONG, at + koffi.offsetof(VIR_TYPED_PARAMETER, 'type'));
    bytes.writeBigUInt64LE(BigInt(Math.round(value)), at + koffi.offsetof(VIR_TYPED_PARAMETER, 'value'));
  }
  return bytes;
}
