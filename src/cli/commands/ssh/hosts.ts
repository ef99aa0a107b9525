import { takeHosts } from '../../settings/hosts-of-vms.ts';
import type { Call, GlobalOptions } from '../../record/command.ts';

/** `web:/etc/hosts` and `hv2:web:/etc/hosts`: a VM, perhaps with its host, and a path of it. */
const PLACE = /^(?<vm>[^/:]+(?::[^/:]+)?)(?<path>:.*)$/su;

/**
 * Takes the host off places in VMs, as if --host had named it. What is before the first colon is one only
 * where the settings file has such a host, and another colon follows.
 * @throws PlowError (config)
 */
export async function takeHostOfPlaces(
  words: readonly string[],
  { globals, environment }: Pick<Call<readonly unknown[], object>, 'globals' | 'environment'>,
): Promise<{ readonly words: readonly string[]; readonly globals: GlobalOptions }> {
  const places = words.map((word) => PLACE.exec(word)?.groups ?? {});
  const vms = places.flatMap(({ vm }) => vm ?? []);
  if (!vms.some((vm) => vm.includes(':'))) return { words, globals };
  const record = { usage: '<vm-name...>', about: '', completes: { kind: 'vms' } } as const;
  const taken = await takeHosts({ args: [vms], globals }, [record], environment);
  const bare = [taken.args[0]].flat().map(String)[Symbol.iterator]();
  return {
    words: words.map((word, index) => {
      const { path } = places[index] ?? {};
      return path === undefined ? word : `${bare.next().value ?? ''}${path}`;
    }),
    globals: taken.globals,
  };
}
