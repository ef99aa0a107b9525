import { shownUrl } from '../../../../text/shown-url.ts';
import { PlowError } from '../../../../errors/plow-error.ts';
import { printable } from '../../../../text/printable.ts';
import { plannedLines } from '../../../../views/image/planned.ts';
import { planPull } from '../../../../vm/pull/plan-pull.ts';
import { fromWeb } from '../../../../vm/pull/source.ts';
import type { Download, PullTools } from '../../../../vm/pull/wanted.ts';
import type { Environment } from '../../../environment.ts';
import { hostName } from '../../../run/hosts/several.ts';
import { withHosts } from '../../../run/hosts/with-hosts.ts';
import { makeProgress } from '../../../run/session.ts';
import type { Settings } from '../../../settings/settings.ts';
import type { PullWish } from '../pull.ts';
import { webTools } from '../web/tools.ts';
import { isUrl } from '../web/wanted-word.ts';
import { wantedByUrl } from '../web/wanted.ts';
import { bringToHosts, openHosts, withoutTwins } from './bring.ts';
import { progressFor } from '../../../run/batch/heard.ts';
import { groupsOf } from './groups.ts';
import type { Group } from './groups.ts';
import { ToldHosts } from './told.ts';

/**
 * `plow image pull <name|url...>` to several hypervisors: downloaded once, and sent to each; of a name once
 * for each architecture. A host that fails keeps none of the others.
 * @throws PlowError as grave as the worst; Interrupted
 */
export async function runImagePullOnHosts(
  words: readonly string[],
  wish: PullWish,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  // What is wrong with them is told before anybody is asked.
  const byUrl = new Map(words.filter(isUrl).map((word) => [word, wantedByUrl(word, wish)]));
  const names = words.map((word) => nameOf(word, wish));
  const verbose = all[0]?.verbose === true;
  const { progress, stop } = await makeProgress(environment, { verbose });
  const told = new ToldHosts({ action: 'pull', format: wish.format, verbose, pause: stop }, environment);
  const places = withoutTwins(all);
  const how = { reaction: 'taking back what was pulled', progress: progressFor(wish.format, progress) };
  try {
    await withHosts(places, how, environment, async (hosts, signal) => {
      const open = await openHosts(hosts, names, told);
      const tools = webTools(environment, signal, (text) => progress.note(printable(text)));
      for (const word of words) {
        signal.throwIfAborted();
        const left = open.filter(({ name }) => told.isThere(name));
        const wanted = byUrl.get(word);
        const groups =
          wanted === undefined
            ? await groupsOf(word, left, { wish, tools, told })
            : [{ wanted, hosts: left }];
        for (const group of groups) await (wish.dryRun === true ? planOn : pullTo)(group, tools, told);
      }
    });
    told.end(places.map(hostName));
  } finally {
    stop();
  }
}

function nameOf(word: string, { name }: PullWish): string {
  return isUrl(word) ? (name ?? shownUrl(word)) : word;
}

async function pullTo({ wanted, hosts }: Group, tools: PullTools, told: ToldHosts): Promise<void> {
  await bringToHosts(fromWeb(wanted, tools), hosts, told);
}

/** Says what would be pulled. The server is asked once. @throws Interrupted */
async function planOn({ wanted, hosts }: Group, tools: PullTools, told: ToldHosts): Promise<void> {
  const { name } = wanted;
  let asked: Promise<Download> | undefined;
  const open: PullTools['open'] = (url, signal) => (asked ??= tools.open(url, signal));
  const planning = hosts.map(async ({ name: host, context }) => {
    try {
      const planned = await planPull(wanted, { ...tools, open }, context);
      told.document({
        host,
        name,
        status: planned.isThere ? 'exists' : 'planned',
        planned,
      });
      told.lines(host, plannedLines(wanted, planned));
      return [];
    } catch (error) {
      if (!(error instanceof PlowError)) throw error;
      return [{ host, error }];
    }
  });
  const failures = (await Promise.all(planning)).flat();
  const ofServer: unknown = await asked?.then(
    () => undefined,
    (error: unknown) => error,
  );
  const [whole, own] = [true, false].map((isOfServer) =>
    failures.filter(({ error }) => (error === ofServer) === isOfServer),
  );
  for (const { host, error } of own ?? []) told.failed(host, name, error);
  const [first] = whole ?? [];
  if (first !== undefined)
    told.failedOnAll(
      (whole ?? []).map(({ host }) => host),
      name,
      first.error,
    );
}
