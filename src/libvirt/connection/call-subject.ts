import { withoutPassword } from '../../text/secrets.ts';
import { PROTOTYPES } from '../abi/functions.ts';
import type { FunctionName } from '../abi/functions.ts';
import { callLocal } from '../abi/native.ts';
import type { NativeValue } from '../abi/native.ts';

/** What tells the name of an object; local. Of a volume the key, which is the path of its file. */
const NAME_FUNCTIONS = {
  virDomain: 'virDomainGetName',
  virStoragePool: 'virStoragePoolGetName',
  virStorageVol: 'virStorageVolGetKey',
  virInterface: 'virInterfaceGetName',
  virNetwork: 'virNetworkGetName',
} as const;

/** Parameters that are names. Others may be documents, or mean nothing to a reader. */
const NAMES: ReadonlySet<string> = new Set(['name', 'path', 'disk', 'device', 'machine']);

const PARAMETER = /(?<type>\w+) \**(?<name>\w+)$/u;

/**
 * What a call is about: names of domains, pools, interfaces, networks and devices, paths of volumes. Never a
 * document or a byte of data.
 */
export function subjectOf(call: FunctionName, args: readonly NativeValue[]): string {
  const [, parameters = ''] = /\((.*)\)/u.exec(PROTOTYPES[call]) ?? [];
  const words = parameters.split(', ').map((parameter, index) => {
    const { type = '', name = '' } = PARAMETER.exec(parameter)?.groups ?? {};
    return word(type, name, args[index]);
  });
  return words.filter((one) => one !== undefined && one !== '').join(' ');
}

function word(type: string, name: string, value: NativeValue | undefined): string | undefined {
  if (typeof value === 'bigint' && type in NAME_FUNCTIONS)
    return callLocal(NAME_FUNCTIONS[type as keyof typeof NAME_FUNCTIONS], value) as string;
  if (typeof value !== 'string') return undefined;
  // Of a document that defines something its name.
  if (name === 'xml') return /<name>([^<]*)<\/name>/u.exec(value)?.[1];
  return NAMES.has(name) ? withoutPassword(value) : undefined;
}
