import { describe, expect, it } from 'vitest';
import { groupsOf } from '../../../../../src/cli/commands/image/hosts/groups.ts';
import type { Group } from '../../../../../src/cli/commands/image/hosts/groups.ts';
import { ToldHosts } from '../../../../../src/cli/commands/image/hosts/told.ts';
import type { PullWish } from '../../../../../src/cli/commands/image/pull.ts';
import { INDEXES } from '../../../images/catalog/indexes.ts';
import { webOf } from '../../../images/catalog/web.ts';
import { testContext } from '../../../vm/context.ts';
import type { TestContext } from '../../../vm/context.ts';
import { thrownBy } from '../../../vm/each-call.ts';
import { fakeEnvironment } from '../../environment.ts';
import type { FakeEnvironment } from '../../environment.ts';

const WISH: PullWish = {
  format: 'text',
  known: { images: {}, keyringOf: (file) => file },
};

/** The publisher's files, for both architectures. */
const PAGES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(INDEXES).map(([url, page]) => [url.replaceAll('amd64', 'arm64'), page]),
  ),
  ...INDEXES,
};

function hostOf(arch: 'x86_64' | 'aarch64'): TestContext {
  const context = testContext();
  context.hypervisor.arch = arch;
  return context;
}

interface Grouped {
  readonly groups: readonly Group[];
  readonly told: ToldHosts;
  readonly environment: FakeEnvironment;
  readonly asked: readonly string[];
}

async function grouped(contexts: readonly TestContext[], pages = PAGES): Promise<Grouped> {
  const environment = fakeEnvironment();
  const telling = { action: 'pull', format: 'text', verbose: false, pause: () => {} } as const;
  const told = new ToldHosts(telling, environment);
  const web = webOf(pages);
  const hosts = contexts.map((context, index) => ({ name: `hv${index + 1}`, context }));
  const groups = await groupsOf('debian-12', hosts, { wish: WISH, tools: web, told });
  return { groups, told, environment, asked: web.asked };
}

const shown = (groups: readonly Group[]): readonly string[] =>
  groups.map(
    ({ wanted, hosts }) => `${wanted.url.split('/').at(-1)} for ${hosts.map(({ name }) => name).join(',')}`,
  );

describe('hosts of several architectures', () => {
  it('take one file for each, whose address is looked for once', async () => {
    const { groups, told, asked } = await grouped([hostOf('x86_64'), hostOf('aarch64'), hostOf('x86_64')]);
    expect(shown(groups)).toStrictEqual([
      'debian-12-genericcloud-amd64-20261112-2701.qcow2 for hv1,hv3',
      'debian-12-genericcloud-arm64-20261112-2701.qcow2 for hv2',
    ]);
    expect(asked.filter((url) => url.endsWith('genericcloud-amd64.json'))).toHaveLength(1);
    told.end(['hv1', 'hv2', 'hv3']);
  });

  it('of which one has no such image keep it from none of the others', async () => {
    const { groups, told, environment } = await grouped([hostOf('aarch64'), hostOf('x86_64')], INDEXES);
    expect(shown(groups)).toStrictEqual(['debian-12-genericcloud-amd64-20261112-2701.qcow2 for hv2']);
    expect(environment.stderr.join('\n')).toContain('arm64');
    expect(await thrownBy(Promise.resolve().then(() => told.end(['hv1', 'hv2'])))).toMatchObject({
      message: 'of 2 hosts 1 failed: hv1',
    });
  });

  it('of which one does not answer leave it out', async () => {
    const silent = hostOf('x86_64');
    silent.hypervisor.fault = () => 'disconnected';
    const { groups, told, environment } = await grouped([silent, hostOf('x86_64')]);
    expect(shown(groups)).toStrictEqual(['debian-12-genericcloud-amd64-20261112-2701.qcow2 for hv2']);
    expect(environment.stderr[0]).toContain('error: hv1: cannot read the capabilities of the hypervisor');
    expect(told.isThere('hv1')).toBe(false);
  });
});
