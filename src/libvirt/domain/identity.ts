import { callLocal } from '../abi/native.ts';
import type { Pointer } from '../abi/native.ts';

/** What a handle knows by itself: no round trip. */

/** virDomainGetID of a domain that does not run: (unsigned int) -1. */
const NO_ID = 0xffffffff;
/** VIR_UUID_STRING_BUFLEN, with its closing NUL. */
const UUID_STRING_BYTES = 37;

type DomainPointer = Pointer<'virDomain'>;

/** What a handle knows, asked for once: of a thousand each question is felt. */
export interface Identity {
  readonly pointer: DomainPointer;
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
}

export function identityOf(pointer: DomainPointer): Identity {
  return { pointer, name: nameOf(pointer), uuid: uuidOf(pointer), active: isActive(pointer) };
}

export function nameOf(domain: DomainPointer): string {
  return callLocal('virDomainGetName', domain) as string;
}

const uuid = Buffer.alloc(UUID_STRING_BYTES);

export function uuidOf(domain: DomainPointer): string {
  callLocal('virDomainGetUUIDString', domain, uuid);
  return uuid.toString('latin1', 0, UUID_STRING_BYTES - 1);
}

/** As of the time when the handle was made. */
export function isActive(domain: DomainPointer): boolean {
  return callLocal('virDomainGetID', domain) !== NO_ID;
}
