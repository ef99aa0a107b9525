import { isLocalImage, isImageName } from '../../../config/values/names.ts';
import { withoutPassword } from '../../../text/secrets.ts';
import { shellArgument, shellQuote } from '../../../text/shell-quote.ts';
import { USUAL_USER } from '../../../views/new/vm-file.ts';
import type { NewVm, Notes } from '../../../views/new/vm-file.ts';
import type { Surroundings } from './look.ts';
import { bridgeWords, guessedGateway, usualIp } from './questions.ts';
import type { Known } from './questions.ts';

/** What sets up the guest of an image, as far as that is known. */
export function guestOf({ vm: { image }, offers, catalog }: Known): NewVm['guest'] {
  const there = offers?.images.find((one) => one.image === image)?.guest;
  const [name] = image?.split('@') ?? [];
  return there ?? catalog.find((one) => one.name === name)?.guest ?? 'cloud-init';
}

/** The first lines of the file. */
export function headingsOf(file: string): readonly string[] {
  const path = file === '-' ? 'FILE' : shellArgument(file);
  return [
    `Written by plow new. plow create ${path} makes the VM.`,
    'What else can stand here: plow schema -o markdown',
  ];
}

/** Words about answers, for comments. */
export function notesOf(known: Known, { places }: Surroundings): Notes {
  const { vm, offers } = known;
  const bridge = offers?.bridges.find(({ name }) => name === vm.bridge);
  const where = places.usual.host ?? withoutPassword(places.usual.uri);
  return {
    name: 'In libvirt, and the host name of the guest.',
    memory: 'GiB. plow resize changes it later, as CPUs and disks.',
    image: imageNote(known),
    disk: 'GiB. It can grow, never shrink.',
    ip: ipNote(known),
    gateway: isGuess(known) ? 'A guess: the first address of the subnet.' : undefined,
    bridge: bridge === undefined ? undefined : `On ${where}: ${bridgeWords(bridge)}`,
    keys:
      vm.keys?.length === 0
        ? 'No ssh keys: nobody logs in with one.'
        : `Who may log in as ${vm.user ?? USUAL_USER[vm.guest]}.`,
  };
}

function imageNote({ vm: { image = '' }, offers }: Known): string {
  if (isLocalImage(image)) return 'Of the machine where plow create --upload runs, which brings it.';
  if (!isImageName(image)) return 'On the hypervisor; never changed.';
  if (offers?.images.some((one) => one.image === image) === true) return 'Pulled; the newest that is there.';
  return `plow image pull ${image} brings it to the hypervisor.`;
}

function ipNote(known: Known): string {
  const { vm, offers } = known;
  const isFree = offers !== undefined && usualIp(known) === vm.ip;
  return isFree
    ? 'The first free address when this was written. The MAC address is made from it.'
    : 'The MAC address is made from it.';
}

function isGuess({ vm, offers }: Known): boolean {
  const isKnown = offers?.bridges.some(({ subnets }) =>
    subnets.some(({ gateway }) => gateway === vm.gateway),
  );
  return offers !== undefined && isKnown !== true && vm.gateway === guessedGateway(vm);
}

/** What to do next, a line each. */
export function nextSteps(known: Known, file: string, around: Surroundings): readonly string[] {
  if (file === '-') return [];
  const { image = '' } = known.vm;
  const isThere = known.offers?.images.some((one) => one.image === image) === true;
  const pull = isImageName(image) && known.offers !== undefined && !isThere;
  const upload = isLocalImage(image) ? '--upload ' : '';
  return [
    ...(pull ? [`next: ${plow(around)}image pull ${shellQuote(image)}`] : []),
    `next: ${plow(around)}create ${upload}${shellArgument(file)}`,
  ];
}

/** The command, with what leads it to the same hypervisor. A file that names its host needs no more. */
function plow({ globals: { connect } }: Surroundings): string {
  return connect === undefined ? 'plow ' : `plow -c ${shellQuote(withoutPassword(connect))} `;
}
