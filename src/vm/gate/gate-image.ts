import { Interrupted } from '../../errors/interrupted.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { openSshKeys } from '../../provision/host-keys/open-ssh.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { createVm } from '../create/create.ts';
import { destroyVm } from '../destroy/destroy.ts';
import { explain, explaining } from '../failure.ts';
import { findImage } from '../image-store/find-image.ts';
import type { ImageRecord } from '../image-store/record.ts';
import type { ImageGate } from '../image-store/record-gate.ts';
import { ImageStore } from '../image-store/store.ts';
import type { StoredImage } from '../image-store/store.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { presentVm } from '../list/unknown-vm.ts';
import { assertUndisturbed } from './disturbed.ts';
import { keepGate } from './keep-gate.ts';
import { gateMachine, lifetimeOf } from './machine.ts';
import { prove } from './prove.ts';
import { Shortfall } from './shortfall.ts';
import { failureOf, onlyNotes, unknownOf } from './words.ts';
import type { GateTools, GateWish } from './wish.ts';

/** An image that was booted, and what is written of it in its record now. */
export interface GatedImage {
  readonly path: string;
  readonly record: ImageRecord;
  readonly gate: ImageGate;
  /** Which proof failed, and why; undefined for one that passed. */
  readonly failure: PlowError | undefined;
}

const nothing = (): void => {};

/**
 * Boots an image that was pulled in a throw-away VM, has it make the four proofs, and writes into its record
 * what came of it. Of the VM nothing stays, unless it is wanted.
 * @param word that names it, as in a VM file: the newest, a version, or a digest
 * @throws PlowError where it could not be tried, and nothing is written; Interrupted
 */
export async function gateImage(
  word: string,
  wish: GateWish,
  tools: GateTools,
  context: VmContext,
): Promise<GatedImage> {
  const store = new ImageStore(context);
  const looking = explaining(store.all(), 'storage', `cannot look for the image ${word}`);
  const image = findImage(await looking, word);
  refuseMedium(image.record);
  refuseIgnition(image.record, wish);
  await tools.assertCanLogIn();
  return new Gate(image, store, { wish, tools }, context).run();
}

/** @throws PlowError (validation) */
function refuseMedium({ name, version, format }: ImageRecord): void {
  if (format !== 'iso') return;
  throw new PlowError('validation', `${name}@${version} is an install medium: no VM is made of it`, {
    hint: 'give an image of a disk; an ISO goes into the drive of a VM (cdrom)',
  });
}

/** @throws PlowError (validation) */
function refuseIgnition({ name, version, needs }: ImageRecord, wish: GateWish): void {
  if ((needs ?? wish.needs(name))?.provisioning !== 'ignition') return;
  throw new PlowError(
    'validation',
    `${name}@${version} takes Ignition and no cloud-init: it cannot be gated yet`,
    { hint: 'boot it by hand, with a configuration of its own' },
  );
}

interface Means {
  readonly wish: GateWish;
  readonly tools: GateTools;
}

class Gate {
  readonly #image: StoredImage;
  readonly #store: ImageStore;
  readonly #means: Means;
  readonly #context: VmContext;
  readonly #name: string;
  readonly #label: string;

  constructor(image: StoredImage, store: ImageStore, means: Means, context: VmContext) {
    this.#image = image;
    this.#store = store;
    this.#means = means;
    this.#context = context;
    this.#name = `plow-gate-${context.newUuid().slice(0, 8)}`;
    this.#label = `${image.record.name}@${image.record.version}`;
  }

  async run(): Promise<GatedImage> {
    const { progress, settled } = this.#context;
    const path = this.#store.pathOf(this.#image.file);
    const { ed25519: key } = openSshKeys(this.#context.newKeyPairs());
    const uuid = await this.#make(path, key.publicKey);
    const tried = await this.#try(uuid, key.privateKey);
    if (!(tried.error instanceof Interrupted)) settled();
    const left = this.#means.wish.isKept ? this.#tellKept() : await this.#remove(uuid);
    const { gate, failure } = this.#judge(tried, left);
    const record = await keepGate(this.#store, this.#image, gate).catch((error: unknown) => {
      if (failure === undefined) throw error;
      progress.note(`what came of it is not recorded: ${error instanceof Error ? error.message : ''}`);
      return { ...this.#image.record, gate };
    });
    if (failure === undefined)
      progress.done(`${this.#label} passed the gate: it boots in ${gate.bootSeconds} s`);
    if (failure === undefined && left instanceof Error) throw left;
    return { path, record, gate, failure };
  }

  /** @returns its UUID */
  async #make(path: string, publicKey: string): Promise<string> {
    const { progress } = this.#context;
    const name = this.#name;
    const guest = { name, path, record: this.#image.record, publicKey };
    const loaded = gateMachine(guest, this.#means.wish);
    progress.begin(`Making VM '${name}' of ${this.#label}`);
    // It is not over once the VM is made.
    const own = { ...this.#context, progress: onlyNotes(progress), settled: nothing };
    const { uuid } = await createVm(loaded, own);
    progress.done(`VM '${name}' started, of ${this.#label}`);
    return uuid;
  }

  async #try(uuid: string, privateKey: string): Promise<Tried> {
    try {
      using domain = await presentVm(uuid, this.#context.hypervisor);
      try {
        const bootSeconds = await prove({ domain, privateKey, ...this.#means }, this.#context);
        return { bootSeconds, error: undefined };
      } catch (error) {
        if (error instanceof Shortfall) await assertUndisturbed(domain, this.#label, error.message);
        throw error;
      }
    } catch (error) {
      return { bootSeconds: null, error };
    }
  }

  /** @throws what is no word on the image @param left why the VM is there still, if it is */
  #judge(
    { bootSeconds, error }: Tried,
    left: Error | 'kept' | undefined,
  ): { readonly gate: ImageGate; readonly failure: PlowError | undefined } {
    if (error === undefined) return { gate: this.#gate('passed', null, bootSeconds), failure: undefined };
    if (error instanceof Interrupted)
      throwIfInterrupted(
        this.#context,
        `VM '${this.#name}' is ${left === undefined ? 'removed' : 'left'}, nothing is recorded`,
      );
    if (!(error instanceof Shortfall)) throw explain(error, 'operation', `cannot gate ${this.#label}`);
    const about = {
      label: this.#label,
      isKept: left === 'kept',
      left: left instanceof Error ? this.#leftWords() : undefined,
    };
    const { proof } = error.details;
    if (proof === 'unknown') throw unknownOf(error, about);
    return { gate: this.#gate('failed', proof, error.bootSeconds), failure: failureOf(error, proof, about) };
  }

  #gate(result: ImageGate['result'], proof: ImageGate['proof'], bootSeconds: number | null): ImageGate {
    const { version: plow, now } = this.#context;
    return { result, proof, bootSeconds, plow, at: now().toISOString() };
  }

  /** Whatever happens, also where plow is asked to stop. @returns why it is left, where it is */
  async #remove(uuid: string): Promise<Error | undefined> {
    const { progress } = this.#context;
    const name = this.#name;
    progress.begin(`Removing VM '${name}'`);
    const signal = new AbortController().signal;
    const own = {
      ...this.#context,
      progress: onlyNotes(progress),
      signal,
      making: nothing,
      settled: nothing,
    };
    try {
      await destroyVm(uuid, own, { graceMs: 0, ifExists: true });
      progress.done(`VM '${name}' removed`);
      return undefined;
    } catch (error) {
      progress.note(this.#leftWords());
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #tellKept(): 'kept' {
    this.#context.progress.note(`VM '${this.#name}' is kept: ${this.#howItGoes()}`);
    return 'kept';
  }

  #leftWords(): string {
    return `left: VM '${this.#name}' (${this.#howItGoes()})`;
  }

  #howItGoes(): string {
    const minutes = lifetimeOf(this.#means.wish);
    return `plow destroy ${shellArgument(this.#name)} removes it, plow gc from ${minutes} minutes after its start on`;
  }
}

/** How the proofs ended. */
interface Tried {
  readonly bootSeconds: number | null;
  /** What was thrown; undefined: nothing was. */
  readonly error: unknown;
}
