import { describe, expect, it } from 'vitest';
import { judge } from '../../../../src/vm/routing/judge.ts';
import type { RoutingFacts } from '../../../../src/vm/routing/look.ts';
import type { RoutedAddress } from '../../../../src/vm/routing/routed.ts';
import { bird, DB, facts, planOf, route, RULES, session, WEB } from './facts.ts';

/** Each complaint as its code and what repairs it. */
function complaints(changes: Partial<RoutingFacts>, declared: readonly RoutedAddress[] = [WEB, DB]): unknown {
  return judge({ declared, facts: facts(changes) })
    .findings.filter(({ status }) => status !== 'ok')
    .map(({ status, code, repair }) => [status, code, repair]);
}

const [TAP, OTHER] = facts().taps ?? [];
if (TAP === undefined || OTHER === undefined) throw new Error('there are two taps');

describe('a look at routes', () => {
  it('finds nothing where every address is at each place', () => {
    const { addresses, findings } = judge({ declared: [WEB, DB], facts: facts() });
    expect(
      addresses.map(({ onTap, inKernel, inBird, announcedTo }) => [
        onTap,
        inKernel,
        inBird,
        announcedTo.length,
      ]),
    ).toStrictEqual([
      ['there', 'there', 'there', 1],
      ['there', 'there', 'there', 1],
    ]);
    expect(findings.map(({ status, text }) => [status, text])).toStrictEqual([
      ['ok', '2 addresses of running VMs are routed to their taps'],
      ['ok', '2 addresses announced to 10.0.0.1 (AS 65000)'],
    ]);
  });

  it('expects nothing of a VM that is off', () => {
    const off = { ...DB, active: false, state: 'shut off' } as const;
    const only = { taps: [TAP], hostRoutes: [{ address: WEB.address, device: WEB.tap }] };
    const alone = bird({ routes: [route(WEB)], sessions: [session(1, [route(WEB)])] });
    expect(complaints({ ...only, bird: alone }, [WEB, off])).toStrictEqual([]);
  });

  const bare = { taps: [{ ...TAP, addresses: [] }, OTHER] };

  it.each<[string, Partial<RoutingFacts>, unknown]>([
    [
      'a tap without its address',
      bare,
      [
        [
          'failure',
          'route-missing',
          'ip addr replace 169.254.0.1 peer 10.55.22.22/32 dev vm0a371616 scope link',
        ],
      ],
    ],
    [
      'a hook that is missing, and a tap without its address',
      { ...bare, hook: { state: 'missing', other: false } },
      [
        ['failure', 'hook-missing', 'plow network setup'],
        [
          'failure',
          'route-missing',
          'plow network setup, then systemctl restart libvirtd (or virtqemud), which runs the hook for each VM',
        ],
      ],
    ],
    [
      'a hook that is not executable',
      { hook: { state: 'closed', other: false } },
      [['failure', 'hook-closed', 'chmod 755 /etc/libvirt/hooks/qemu.d/plow']],
    ],
    [
      'a hook of another version',
      { hook: { state: 'changed', other: false } },
      [['warning', 'hook-changed', 'plow network setup']],
    ],
    ["nothing of a role's hook that does the work", { hook: { state: 'missing', other: true } }, []],
    ['no tap where a VM runs', { taps: [OTHER] }, [['failure', 'route-missing', 'plow restart web']]],
    [
      'a route that leads elsewhere',
      {
        hostRoutes: [
          { address: WEB.address, device: 'br0' },
          { address: DB.address, device: DB.tap },
        ],
      },
      [['failure', 'route-missing', 'ip route replace 10.55.22.22/32 dev vm0a371616 scope link']],
    ],
    [
      'a kernel that does not forward',
      { forwards: false },
      [['failure', 'forwarding-off', 'plow network setup']],
    ],
    [
      'a guest that may send what it likes',
      { taps: [{ ...TAP, filter: 0 }, OTHER] },
      [['warning', 'tap-open', 'sysctl -w net.ipv4.conf.vm0a371616.rp_filter=1']],
    ],
    [
      'the setting of all, where the larger counts',
      { filterOfAll: 2 },
      [['warning', 'tap-open', 'sysctl -w net.ipv4.conf.all.rp_filter=1']],
    ],
    [
      'a tap with IPv6',
      { taps: [{ ...TAP, ipv6: true }, OTHER] },
      [['warning', 'tap-open', 'sysctl -w net.ipv6.conf.vm0a371616.disable_ipv6=1']],
    ],
    [
      'an address outside the prefixes',
      { plan: planOf('10.55.22.22/32') },
      [
        [
          'failure',
          'address-outside-prefixes',
          'add a prefix to /etc/plow/network.yaml and run plow network setup, or destroy the VM',
        ],
        ['failure', 'announced-wrongly', 'plow network setup'],
      ],
    ],
    [
      'BIRD that does not run',
      { bird: { state: 'down', why: 'BIRD does not run' } },
      [['failure', 'bird-down', 'systemctl start bird']],
    ],
    [
      'BIRD that gives no answer',
      { bird: { state: 'silent', why: 'BIRD does not answer' } },
      [['failure', 'bird-down', 'birdc show status']],
    ],
    [
      'rules that something has flushed',
      { guards: '' },
      [['failure', 'guard-missing', 'plow network setup']],
    ],
    [
      'a tap that the rules do not know',
      { guards: RULES.replace(DB.tap, 'vm00000000') },
      [['failure', 'guard-missing', 'plow network setup']],
    ],
    ['rules that may not be asked for', { guards: undefined }, [['unknown', undefined, undefined]]],
    ['no rules where setup has made none', { rules: undefined, guards: undefined }, []],
    [
      'isolation that setup has not made',
      { plan: planOf('10.55.0.0/16', true) },
      [['failure', 'guard-missing', 'plow network setup']],
    ],
    [
      'BIRD that may not be asked',
      { bird: { state: 'denied', why: 'only root' } },
      [['unknown', undefined, undefined]],
    ],
    [
      'an address that BIRD does not take',
      { bird: bird({ routes: [route(DB)], sessions: [session(1, [route(DB)])] }) },
      [
        [
          'failure',
          'not-announced',
          'birdc show protocols all plow_taps (its prefixes are those of the last plow network setup)',
        ],
      ],
    ],
    [
      'an address that one neighbour is not told of',
      { bird: bird({ sessions: [session(1, [route(WEB), route(DB)]), session(2, [route(DB)])] }) },
      [['failure', 'not-announced', 'birdc show route noexport plow_10_0_0_2']],
    ],
    [
      'a session that is down',
      {
        bird: bird({
          sessions: [
            session(1, [route(WEB), route(DB)]),
            { ...session(2, []), isEstablished: false, state: 'Active: Socket: Connection refused' },
          ],
        }),
      },
      [['failure', 'bgp-session-down', 'birdc show protocols all plow_10_0_0_2']],
    ],
    [
      "a bird.conf without plow's file",
      { bird: bird({ protocols: [] }) },
      [['failure', 'not-announced', 'plow network setup']],
    ],
    [
      'a host that is drained',
      {
        isDrained: true,
        bird: bird({
          protocols: [{ name: 'plow_taps', type: 'Direct', state: 'down', info: '' }],
          routes: [],
          sessions: [session(1, [])],
        }),
      },
      [['warning', 'drained', 'plow network undrain']],
    ],
    [
      'a host that is drained and announces all the same',
      { isDrained: true },
      [['failure', 'drained', 'plow network drain']],
    ],
  ])('finds %s', (_, changes, found) => {
    expect(complaints(changes)).toStrictEqual(found);
  });

  it('does not call a guest that arrives a failure', () => {
    const paused = { ...WEB, state: 'paused' } as const;
    expect(complaints(bare, [paused, DB])).toStrictEqual([
      ['warning', 'route-missing', 'plow network status (once it runs)'],
    ]);
  });

  it('finds what no VM has, on a tap and announced', () => {
    expect(complaints({}, [WEB])).toStrictEqual([
      ['warning', 'tap-stray', 'ip link delete vm0a371617'],
      ['failure', 'announced-wrongly', 'ip link delete vm0a371617'],
    ]);
  });

  it("goes by any session that tells of VMs where bird.conf is the administrator's own", () => {
    const uplink = { ...session(1, [route(WEB, 'direct1'), route(DB, 'direct1')]), name: 'uplink' };
    const transit = {
      ...session(2, [{ address: '192.0.2.1', device: 'lo', protocol: 'static1' }]),
      name: 'transit',
    };
    const own = bird({ protocols: [], sessions: [uplink, transit] });
    const { findings, sessions } = judge({
      declared: [WEB, DB],
      facts: facts({ bird: own, plan: { is: 'none' }, hook: { state: 'missing', other: true } }),
    });
    expect(sessions.map(({ name }) => name)).toStrictEqual(['uplink']);
    expect(findings.filter(({ status }) => status !== 'ok')).toStrictEqual([]);
  });

  it('says once that another host was not looked at', () => {
    const { findings, addresses } = judge({ declared: [WEB], facts: undefined });
    expect(findings.map(({ status }) => status)).toStrictEqual(['unknown']);
    expect(addresses.map(({ onTap, inBird }) => [onTap, inBird])).toStrictEqual([['unknown', 'unknown']]);
  });
});
