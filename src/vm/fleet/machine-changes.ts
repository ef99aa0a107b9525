import type { Declared, DeclaredInterface } from '../../libvirt-xml/metadata/declared.ts';
import type { Comparison } from '../show/differences/comparisons.ts';
import { allComparisons } from '../show/differences/differences.ts';
import type { Views } from '../show/differences/views.ts';
import type { Value } from '../show/details.ts';
import type { Change } from './change.ts';
import type { Cause, Verdict } from './words.ts';
import { verdictOn } from './verdict.ts';

/** A VM that plow made, from all sides. */
export type OwnViews = Views & { readonly own: NonNullable<Views['own']> };

/** What a file that does not say it leaves to the hypervisor, whatever that has chosen. */
const LEFT_OPEN: ReadonlySet<string> = new Set([
  'virt_type',
  'arch',
  'machine_type',
  'cpu_mode',
  'autostart',
]);

/** In what a VM differs from what its file says of it as a machine. @param wanted as the file has it */
export function machineChanges(wanted: Declared, views: OwnViews): readonly Change[] {
  const made = new Map(allComparisons(views).map((one) => [one.what, one.declared]));
  const asked = allComparisons({ ...views, own: { ...views.own, declared: wanted } });
  return [
    ...asked.flatMap((one) => changeOf(one, made, views)),
    ...recordChanges(wanted, views.own.declared),
  ];
}

function changeOf(
  asked: Comparison,
  allMade: ReadonlyMap<string, Value | undefined>,
  views: OwnViews,
): readonly Change[] {
  const { what, stored, live, isSame = Object.is } = asked;
  const made = allMade.get(what);
  const file = fileSide(asked, made);
  if (file === undefined) return [];
  const isStored = isSame(stored, file);
  const isLive = live === undefined || isSame(stored, live);
  if (isStored && isLive) return [];
  const verdict = isStored ? 'reboot' : verdictOf({ what, file, stored, running: views.live }, live);
  const cause = causeOf({ file, made, stored }, isSame);
  return [{ what, file, made, stored, live, verdict, cause, isPending: isStored }];
}

/** What runs as the file says has only to be stored. */
function verdictOf(wish: Parameters<typeof verdictOn>[0], live: Value | undefined): Verdict {
  const verdict = verdictOn(wish);
  return verdict === 'reboot' && live === wish.file ? 'live' : verdict;
}

/** A key that went from the file is a wish as well; where it never was there is none. */
function fileSide({ what, declared }: Comparison, made: Value | undefined): Value | undefined {
  if (declared !== undefined || made === undefined) return declared;
  const isOfWhole = !what.includes(' ');
  return isOfWhole && !LEFT_OPEN.has(what) ? null : undefined;
}

interface ThreeSides {
  readonly file: Value;
  readonly made: Value | undefined;
  readonly stored: Value;
}

/** @param isSame as of a Comparison: what is stored, then what was said */
export function causeOf(
  { file, made, stored }: ThreeSides,
  isSame: NonNullable<Comparison['isSame']>,
): Cause {
  if (made === undefined || isSame(stored, made)) return 'file';
  return Object.is(file, made) || isSame(stored, file) ? 'vm' : 'both';
}

/** What stands in plow's own record alone. */
function recordChanges(wanted: Declared, made: Declared): readonly Change[] {
  const network = addressVerdict(wanted);
  const rows: readonly Row[] = [
    ['image', imageOf(wanted), imageOf(made), 'rebuild'],
    ...wanted.interfaces.flatMap((one): readonly Row[] => {
      const was = made.interfaces.find(({ mac }) => mac === one.mac);
      return was === undefined
        ? []
        : [[`interface ${one.mac ?? '?'} address`, addressOf(one), addressOf(was), network]];
    }),
    ['tags', tagsOf(wanted), tagsOf(made), 'live'],
    ['lifetime_minutes', wanted.lifetimeMinutes ?? null, made.lifetimeMinutes ?? null, 'live'],
  ];
  return rows.flatMap(([what, file, stored, verdict]) =>
    file === stored
      ? []
      : [{ what, file, made: stored, stored, live: undefined, verdict, cause: 'file', isPending: false }],
  );
}

type Row = readonly [what: string, file: Value, stored: Value, verdict: Verdict];

/** Nothing in a guest hears of it where nothing sets it up. */
function addressVerdict({ provisioning }: Declared): Verdict {
  if (provisioning === undefined) return 'live';
  return provisioning.format === 'ignition' ? 'rebuild' : 'reseed';
}

function addressOf(one: DeclaredInterface): Value {
  const { address, prefixLength = 32, gateway, defaultRoute, dnsServers } = one;
  const route = defaultRoute === true && gateway !== undefined ? ` by ${gateway}` : '';
  return `${address}/${prefixLength}${route}${dnsServers.length > 0 ? `, DNS ${dnsServers.join(' ')}` : ''}`;
}

/** By its path: a name may mean a newer one today. */
function imageOf({ image, bootDisk }: Declared): Value {
  return image?.path ?? bootDisk.image ?? null;
}

function tagsOf({ tags }: Declared): Value {
  return tags.length === 0 ? null : tags.toSorted().join(', ');
}
