import type { Machine } from '../../config/machine.ts';
import { declaredOf } from '../../libvirt-xml/metadata/of-machine.ts';
import type { Declared, DeclaredInterface } from '../../libvirt-xml/metadata/declared.ts';
import type { Comparison } from '../show/differences/comparisons.ts';
import { allComparisons } from '../show/differences/differences.ts';
import type { Views } from '../show/differences/views.ts';
import type { Value } from '../show/details.ts';
import type { Change } from './change.ts';
import type { Cause, Verdict } from './words.ts';
import { addressVerdict, verdictOn } from './verdict.ts';

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

/** What a file says, in the words of a record. How plow has called its files since is no difference. */
export function wantedOf(machine: Machine, made: Declared): Declared {
  const { bootDisk, ...others } = declaredOf(machine);
  const { provisioning } = others;
  const wanted = { ...others, bootDisk: { ...bootDisk, file: made.bootDisk.file } };
  const isSame = provisioning?.format === made.provisioning?.format;
  return provisioning === undefined || !isSame
    ? wanted
    : { ...wanted, provisioning: { ...provisioning, file: made.provisioning?.file } };
}

/** In what a VM differs from what its file says of it as a machine. @param wanted as the file has it */
export function machineChanges(wanted: Declared, views: OwnViews): readonly Change[] {
  return [
    ...allSides(wanted, views).flatMap((one) => changeOf(one, wanted, views)),
    ...recordChanges(wanted, views),
  ];
}

/** What is as the file says, and was made another way: nothing changes but plow's own record of it. */
export function settledIn(wanted: Declared, views: OwnViews): readonly string[] {
  return allSides(wanted, views).flatMap(({ asked, file, made }) => {
    if (file === undefined || made === undefined || isAsSaid(asked, file, made)) return [];
    return isAsSaid(asked, asked.stored, file) ? [asked.what] : [];
  });
}

/** `custom` stands for other CPUs in a document of what runs only. */
function isAsSaid({ what, isSame = Object.is }: Comparison, stored: Value, said: Value): boolean {
  return what === 'cpu_mode' ? stored === said : isSame(stored, said);
}

interface Sides {
  readonly asked: Comparison;
  /** As the file says it; undefined: it says nothing. */
  readonly file: Value | undefined;
  readonly made: Value | undefined;
}

function allSides(wanted: Declared, views: OwnViews): readonly Sides[] {
  const allMade = new Map(allComparisons(views).map((one) => [one.what, one.declared]));
  return allComparisons({ ...views, own: { ...views.own, declared: wanted } }).map((asked) => {
    const made = allMade.get(asked.what);
    return { asked, made, file: fileSide(asked, made) };
  });
}

function changeOf({ asked, file, made }: Sides, wanted: Declared, views: OwnViews): readonly Change[] {
  const { what, stored, live, isSame = Object.is } = asked;
  if (file === undefined) return [];
  const isStored = isAsSaid(asked, stored, file);
  const isLive = live === undefined || isSame(stored, live);
  if (isStored && isLive) return [];
  const verdict = isStored ? 'reboot' : verdictOf({ what, file, stored, running: views.live, wanted }, live);
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
function recordChanges(wanted: Declared, { own: { declared: made }, live }: OwnViews): readonly Change[] {
  const network = addressVerdict(wanted);
  const rows: readonly Row[] = [
    ['image', imageOf(wanted), imageOf(made), 'rebuild'],
    ...wanted.interfaces.flatMap((one): readonly Row[] => {
      const was = made.interfaces.find(({ mac }) => mac === one.mac);
      return was === undefined
        ? []
        : [[`interface ${one.mac ?? '?'} address`, addressOf(one), addressOf(was), network]];
    }),
    ['boot', bootOf(wanted), bootOf(made), live === undefined ? 'live' : 'reboot'],
    ['tags', tagsOf(wanted), tagsOf(made), 'live'],
    ['fleet', wanted.fleet ?? null, made.fleet ?? null, 'live'],
    ['group', wanted.group ?? null, made.group ?? null, 'live'],
    ['lifetime_minutes', wanted.lifetimeMinutes ?? null, made.lifetimeMinutes ?? null, 'live'],
  ];
  return rows.flatMap(([what, file, stored, verdict]) =>
    file === stored
      ? []
      : [{ what, file, made: stored, stored, live: undefined, verdict, cause: 'file', isPending: false }],
  );
}

type Row = readonly [what: string, file: Value, stored: Value, verdict: Verdict];

function addressOf(one: DeclaredInterface): Value {
  const { address, prefixLength = 32, gateway, defaultRoute, dnsServers } = one;
  const route = defaultRoute === true && gateway !== undefined ? ` by ${gateway}` : '';
  return `${address}/${prefixLength}${route}${dnsServers.length > 0 ? `, DNS ${dnsServers.join(' ')}` : ''}`;
}

/** By its path: a name may mean a newer one today. */
function imageOf({ image, bootDisk }: Declared): Value {
  return image?.path ?? bootDisk.image ?? null;
}

function bootOf({ boot }: Declared): Value {
  return boot === undefined ? null : boot.join(', ');
}

function tagsOf({ tags }: Declared): Value {
  return tags.length === 0 ? null : tags.toSorted().join(', ');
}
