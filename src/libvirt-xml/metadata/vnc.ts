import type { Vnc } from '../../config/machine/vnc.ts';

/** What metadata says of a screen: that there is a password, and not which. */
export interface StoredVnc {
  /** Left out where plow was to choose. */
  readonly listen: string | undefined;
  readonly port: number | undefined;
  readonly login: 'password' | 'one-time' | undefined;
  readonly video: string;
}

export function storedVnc({ listen, port, login, video }: Vnc): StoredVnc {
  return { listen, port, login: login?.by, video };
}

export interface DeclaredVnc extends Omit<StoredVnc, 'video'> {
  readonly video: string | undefined;
}

interface Fields {
  readonly isThere: boolean;
  text(key: string): string | undefined;
  number(key: string): number | undefined;
}

/** Undefined where the VM was made without a screen. */
export function declaredVnc(one: Fields): DeclaredVnc | undefined {
  if (!one.isThere) return undefined;
  const login = one.text('login');
  return {
    listen: one.text('listen'),
    port: one.number('port'),
    login: login === 'password' || login === 'one-time' ? login : undefined,
    video: one.text('video'),
  };
}
