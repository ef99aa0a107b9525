import type { Arch } from '../../../../config/machine.ts';
import { PlowError } from '../../../../errors/plow-error.ts';
import { archOfHost } from '../../../../vm/pull/arch-of-host.ts';
import type { WantedImage } from '../../../../vm/pull/wanted.ts';
import type { PullWish } from '../pull.ts';
import type { WebTools } from '../web/tools.ts';
import { wantedNamed } from '../web/wanted-named.ts';
import type { OpenHost } from './bring.ts';
import type { ToldHosts } from './told.ts';

/** Hosts that take the same file. */
export interface Group {
  readonly wanted: WantedImage;
  readonly hosts: readonly OpenHost[];
}

interface Looking {
  readonly wish: PullWish;
  readonly tools: Pick<WebTools, 'read'>;
  readonly told: ToldHosts;
}

/** Of a name of the catalog: the newest build for each architecture. @throws Interrupted */
export async function groupsOf(
  name: string,
  hosts: readonly OpenHost[],
  { wish, tools, told }: Looking,
): Promise<readonly Group[]> {
  const byArch = new Map<Arch, OpenHost[]>();
  const asking = hosts.map(async (host) => {
    try {
      return { host, arch: await archOfHost(host.context) };
    } catch (error) {
      if (!(error instanceof PlowError)) throw error;
      told.failed(host.name, name, error);
      return undefined;
    }
  });
  for (const answer of await Promise.all(asking))
    if (answer !== undefined) byArch.set(answer.arch, [...(byArch.get(answer.arch) ?? []), answer.host]);
  const groups: Group[] = [];
  for (const [arch, own] of byArch) {
    own[0]?.context.progress.begin(`Looking for the newest build of ${name}`);
    try {
      groups.push({ wanted: await wantedNamed(name, arch, wish, tools), hosts: own });
    } catch (error) {
      if (!(error instanceof PlowError)) throw error;
      told.failedOnAll(
        own.map((host) => host.name),
        name,
        error,
      );
    }
  }
  return groups;
}
