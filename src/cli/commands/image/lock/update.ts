import type { Arch, LockedBuild } from '../../../../config/machine.ts';
import { jsonDocument } from '../../../../documents/json-text.ts';
import { PlowError } from '../../../../errors/plow-error.ts';
import { digestText } from '../../../../images/digest.ts';
import { bytesText } from '../../../../text/quantities.ts';
import { printable } from '../../../../text/printable.ts';
import { failureLines } from '../../../../views/failure/text.ts';
import { updateDocument } from '../../../../views/image/update.ts';
import type { ToldUpdate } from '../../../../views/image/update.ts';
import type { VmContext } from '../../../../vm/context.ts';
import { archOfHost } from '../../../../vm/pull/arch-of-host.ts';
import { planPull } from '../../../../vm/pull/plan-pull.ts';
import { pullImage } from '../../../../vm/pull/pull.ts';
import type { Pulled } from '../../../../vm/pull/pull.ts';
import { versionOf } from '../../../../vm/pull/wanted.ts';
import type { WantedImage } from '../../../../vm/pull/wanted.ts';
import type { Environment } from '../../../environment.ts';
import type { BatchFormat } from '../../../run/batch/batch.ts';
import { progressFor } from '../../../run/batch/heard.ts';
import { runWorkflow } from '../../../run/session.ts';
import type { KnownImages } from '../../../settings/images.ts';
import type { Settings } from '../../../settings/settings.ts';
import { throwFailed } from '../failed.ts';
import type { Failed } from '../failed.ts';
import { webTools } from '../web/tools.ts';
import type { WebTools } from '../web/tools.ts';
import { wantedByName } from '../web/wanted.ts';
import { lockedBuild } from './locked-build.ts';
import { keepBuild, lockThere, openLock } from './lock-file.ts';
import type { OpenLock } from './lock-file.ts';
import { assertName, namesFor } from './names.ts';
import { standingOf } from './standing.ts';

export interface UpdateOptions {
  readonly format: BatchFormat;
  readonly dryRun?: boolean;
  /** The file of the lock; undefined: the one in the directory that plow was started in. */
  readonly imagesLock?: string;
  readonly known: KnownImages;
  /** Asked of an image that is there before the lock has it; it throws where that is not to be. */
  readonly gate?: ((pulled: Pulled, context: VmContext) => Promise<void>) | undefined;
}

/** What one name is updated with. */
interface Work extends UpdateOptions {
  readonly open: OpenLock;
  readonly arch: Arch;
  readonly tools: WebTools;
  readonly context: VmContext;
  readonly tell: (told: Omit<ToldUpdate, 'lock' | 'architecture'>) => void;
  readonly print: (text: string) => void;
}

/**
 * `plow image update [name...]`: has names of a lock mean the newest builds, once these are on the
 * hypervisor. One that fails keeps none of the others.
 * @throws PlowError: of several the gravest; Interrupted
 */
export async function runImageUpdate(
  words: readonly string[],
  options: UpdateOptions,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  words.forEach(assertName);
  const open = await openLock(options.imagesLock);
  if (words.length === 0) lockThere(open);
  const { output } = environment;
  await runWorkflow(settings, environment, 'taking back what was pulled', async (given, pause) => {
    const context = { ...given, progress: progressFor(options.format, given.progress) };
    const arch = await archOfHost(context);
    const names = words.length > 0 ? [...new Set(words)] : namesFor(arch, open);
    const tools = webTools(environment, context.signal, (text) => context.progress.note(printable(text)));
    const tell: Work['tell'] = (told) => {
      pause();
      if (options.format !== 'json') return;
      const document = updateDocument({ lock: open.file, architecture: arch, ...told });
      output.print(jsonDocument(document, 'line'));
    };
    const print = (text: string): void => {
      pause();
      if (options.format === 'text') output.print(printable(text));
    };
    const work = { ...options, open, arch, tools, context, tell, print };
    await updateAll(names, work, (error, name) => {
      pause();
      if (options.format === 'json' || names.length === 1) return;
      for (const line of failureLines(error, settings.verbose, name)) output.say(line);
    });
  });
}

/** @throws PlowError, Interrupted */
async function updateAll(
  names: readonly string[],
  work: Work,
  say: (error: PlowError, name: string) => void,
): Promise<void> {
  const failed: Failed[] = [];
  for (const name of names) {
    work.context.signal.throwIfAborted();
    try {
      await updateOne(name, work);
    } catch (error) {
      if (!(error instanceof PlowError)) throw error;
      work.tell({ name, status: 'failed', from: lockedIn(work, name)?.version, error });
      say(error, name);
      failed.push({ error, name });
      if (error.kind === 'connection') break;
    }
  }
  throwFailed(failed, names.length);
}

/** @throws PlowError, Interrupted */
async function updateOne(name: string, work: Work): Promise<void> {
  const { known, arch, tools, context, open, dryRun = false } = work;
  context.progress.begin(`Looking for the newest build of ${name}`);
  const wanted = await wantedByName(name, { ...known, arch, insecure: false, read: tools.read });
  const version = versionOf(wanted, context.now());
  const locked = lockedIn(work, name);
  const standing = standingOf(locked, { ...wanted, version });
  if (standing === 'ahead') {
    const text = `the publisher's newest is ${version}, older than ${locked?.version ?? ''} of the lock`;
    context.progress.note(`${name} is left as it is: ${text}`);
    return work.tell({ ...toldOf(name, locked), status: 'current', to: version });
  }
  if (standing === 'changed')
    context.progress.note(`${name}@${version} has another digest than ${open.file} has of it`);
  if (dryRun) return tellPlan(wanted, { locked, isCurrent: standing === 'current' }, work);
  const pulled = await pullImage(wanted, tools, context);
  await work.gate?.(pulled, context);
  const build = lockedBuild(wanted, pulled);
  if (build.url !== wanted.url)
    context.progress.note(`the address of ${name} is locked without what may be secret, ${build.url}`);
  await keepBuild(work.imagesLock, { name, arch, build }, context.newUuid());
  const told = { ...toldOf(name, build), from: locked?.version, path: pulled.path };
  if (standing === 'current') {
    context.progress.done(`${name}@${build.version} is the newest, and what ${open.file} has`);
    return work.tell({ ...told, status: 'current' });
  }
  const was = locked === undefined ? 'new in it' : `was ${locked.version}`;
  context.progress.done(`${open.file} has ${name}@${build.version} now (${was})`);
  work.tell({ ...told, status: locked === undefined ? 'added' : 'updated' });
}

/** @throws PlowError */
async function tellPlan(
  wanted: WantedImage,
  { locked, isCurrent }: { readonly locked: LockedBuild | undefined; readonly isCurrent: boolean },
  { tools, context, tell, print }: Work,
): Promise<void> {
  const { name, content, downloaded } = wanted;
  const { isThere, path, version, url, bytes } = await planPull(wanted, tools, context);
  const status = isCurrent ? 'current' : 'planned';
  tell({
    name,
    status,
    from: locked?.version,
    to: version,
    url,
    content: content && digestText(content),
    downloaded: downloaded && digestText(downloaded),
    path,
  });
  const size = bytes === undefined ? '' : `, ${bytesText(bytes)}`;
  const where = isThere ? 'which is on the hypervisor' : `which would be pulled${size}`;
  print(
    isCurrent
      ? `${name}: ${version} is the newest, ${where}`
      : `${name}: ${locked?.version ?? '(new)'} -> ${version}, ${where}`,
  );
}

function toldOf(
  name: string,
  build: LockedBuild | undefined,
): Pick<ToldUpdate, 'name' | 'from' | 'to' | 'url' | 'content' | 'downloaded'> {
  if (build === undefined) return { name };
  const { version, url, content, downloaded } = build;
  return { name, from: version, to: version, url, content, downloaded };
}

function lockedIn({ open, arch }: Work, name: string): LockedBuild | undefined {
  return open.lock?.images.get(name)?.[arch];
}
