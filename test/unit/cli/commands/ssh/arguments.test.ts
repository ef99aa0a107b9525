import { expect, it } from 'vitest';
import { scpArguments, sshArguments } from '../../../../../src/cli/commands/ssh/arguments.ts';
import { readPlaces, readVmWord } from '../../../../../src/cli/commands/ssh/words.ts';
import { UUID } from '../../../vm/shown.ts';

const target = { name: 'web', uuid: UUID, address: '10.0.0.5', user: 'root', hostKeys: ['ssh-ed25519 AAAA'] };
const call = { user: 'root', identity: undefined, knownHosts: { file: '/tmp/k' } } as const;
const COMMON = `-o User=root -o HostKeyAlias=plow-${UUID} -o CheckHostIP=no -o VerifyHostKeyDNS=no -o ControlMaster=no -o ControlPath=none`;
const STRICT =
  '-o StrictHostKeyChecking=yes -o UserKnownHostsFile=/tmp/k -o GlobalKnownHostsFile=/dev/null -o UpdateHostKeys=no';

/** None of the words has a blank in it that an option could begin behind. */
function line(words: readonly string[]): string {
  return words.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ');
}

it('ssh takes no key but those that plow made, and nothing of a command for an option', () => {
  expect(line(sshArguments(target, { ...call, tty: false }, []))).toBe(`${COMMON} ${STRICT} -- 10.0.0.5`);
  expect(line(sshArguments(target, { ...call, tty: true }, ['-oProxyCommand=id', 'a b']))).toBe(
    `-t ${COMMON} ${STRICT} -- 10.0.0.5 -oProxyCommand=id 'a b'`,
  );
});

it.each([
  ['own', 'StrictHostKeyChecking=yes'],
  ['accept-new', 'StrictHostKeyChecking=accept-new'],
] as const)('goes by the known_hosts of the user where plow knows no key (%s)', (knownHosts, option) => {
  const words = sshArguments(target, { ...call, knownHosts, tty: false }, []);
  expect(line(words)).toBe(`${COMMON} -o ${option} -- 10.0.0.5`);
});

it('scp copies several files to the address, also an IPv6 one, and takes no path for an option', () => {
  const { places } = readPlaces(['-r', './a:b', 'web:/tmp/']);
  const options = { ...call, identity: '-x', recursive: true, quiet: true };
  expect(line(scpArguments(target, options, places))).toBe(
    `-r -q -i -x ${COMMON} ${STRICT} -- -r ./a:b 10.0.0.5:/tmp/`,
  );
  const six = { ...target, address: 'fd00::5' };
  const from = readPlaces(['web:/a b', 'web:', '.']).places;
  expect(scpArguments(six, options, from).slice(-3)).toStrictEqual(['[fd00::5]:/a b', '[fd00::5]:', '.']);
});

it.each([
  [['a', 'b'], 'scp wants a file of a VM'],
  [['web:a'], 'scp copies files of here into a VM'],
  [['web:a', 'db:b'], 'one VM at a time'],
  [['web:a', 'web:b'], 'scp copies files of here into a VM'],
  [['a', 'web:b', '.'], 'scp copies files of here into a VM'],
])('scp does not copy %j', (words, message) => {
  expect(() => readPlaces(words)).toThrow(message);
});

it('a word may name a user, whom -l overrules; what ssh could take for an option is none', () => {
  expect(readVmWord('web', undefined)).toStrictEqual({ vm: 'web', user: undefined });
  expect(readVmWord('me@corp.example@web', undefined)).toStrictEqual({ vm: 'web', user: 'me@corp.example' });
  expect(readVmWord('me@web', 'admin')).toStrictEqual({ vm: 'web', user: 'admin' });
  for (const user of ['-oProxyCommand=id', '', 'a b', 'a%h', 'a"b', '${HOME}'])
    expect(() => readVmWord('web', user)).toThrow('cannot be the name of a user');
});
