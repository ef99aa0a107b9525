import { shellQuote } from '../../text/shell-quote.ts';

/** Where a URI over ssh leads: `qemu+ssh://root@hv1:2222/system`. */
export interface SshTarget {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: string | undefined;
}

/** Asks nobody, and gives up soon. */
const QUIET = ['-n', '-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=3'];

const TARGET =
  /^[a-z]+\+ssh:\/\/(?:(?<user>[^@/?#:]*)(?::[^@/?#]*)?@)?(?<host>\[[^\]]*\]|[^:/?#]+)(?::(?<port>\d+))?[/?#]/u;

/** Undefined for a URI without ssh. */
export function sshTarget(uri: string): SshTarget | undefined {
  const { user, host, port } = TARGET.exec(uri)?.groups ?? {};
  if (host === undefined) return undefined;
  return { user: user === '' ? undefined : user, host: host.replace(/^\[(?<name>.*)\]$/u, '$<name>'), port };
}

/** A command to paste: `ssh -p 2222 root@hv1 true`. */
export function sshCommand({ user, host, port }: SshTarget, ...words: readonly string[]): string {
  const where = shellQuote(user === undefined ? host : `${user}@${host}`);
  return ['ssh', ...(port === undefined ? [] : ['-p', port]), where, ...words].join(' ');
}

/** Programs that libvirt may start in place of ssh: `command` of the URI, and what libvirt hands it. */
export interface SshCall {
  readonly program: string;
  readonly words: readonly string[];
}

/** As libvirt would call ssh, but asks nobody and does nothing there. https://libvirt.org/uri.html */
export function quietSshCall(uri: string, target: SshTarget): SshCall {
  const { program, words } = sshCall(uri, target);
  return { program, words: [...words, '--', target.host, 'true'] };
}

/** Asks whether ssh has a connection to that host that it keeps for others; nothing is sent there. */
export function masterCall(uri: string, target: SshTarget): SshCall {
  const { program, words } = sshCall(uri, target);
  return { program, words: ['-O', 'check', ...words, '--', target.host] };
}

/** As libvirt calls it, which may ask whoever is at the terminal. What is to be done stands behind. */
export function tunnelCall(uri: string, target: SshTarget): SshCall {
  const { program, words } = sshCall(uri, target, []);
  return { program, words: ['-T', '-e', 'none', ...words] };
}

function sshCall(uri: string, { user, port }: SshTarget, first: readonly string[] = QUIET): SshCall {
  const parameters = new Map(
    (uri.split(/[?#]/u)[1] ?? '').split('&').map((one): [string, string] => {
      const [key = '', value = ''] = one.split('=');
      return [key, decoded(value)];
    }),
  );
  const key = parameters.get('keyfile');
  const words = [
    ...first,
    ...(first.length === 0 && parameters.get('no_tty') === '1' ? ['-o', 'BatchMode=yes'] : []),
    ...(port === undefined ? [] : ['-p', port]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(key === undefined ? [] : ['-i', key]),
    ...(parameters.get('no_verify') === '1' ? ['-o', 'StrictHostKeyChecking=no'] : []),
  ];
  return { program: parameters.get('command') || 'ssh', words };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
