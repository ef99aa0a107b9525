import { PlowError } from '../../../errors/plow-error.ts';
import { quote } from '../../../text/quote.ts';
import { OUTSIDE_FILES_OPTION } from '../../options/outside-files.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import type { CommandRecord } from '../../record/command.ts';
import { YAML_FILES } from '../../record/yaml-files.ts';
import { placesOf } from '../../settings/places.ts';

const FORMATS = ['text', 'json'] as const;
/** More than anybody makes VMs of at once. */
const MOST = 1000;

interface Options extends OutsideFiles {
  readonly count?: number;
  readonly output: (typeof FORMATS)[number];
}

export const ip: CommandRecord<readonly ['next', string, readonly string[]], Options> = {
  name: 'ip',
  about: 'tell the next free address of a subnet, over VM files, VMs and what hypervisors see',
  summary: 'tell the next free address of a subnet',
  args: [
    { usage: '<next>', about: 'what to tell', choices: ['next'] },
    { usage: '<subnet>', about: '10.20.30.0/24; or an address to begin at, 10.20.30.50/24' },
    {
      usage: '[config.yaml...]',
      about: 'VM files whose addresses are taken too, directories of them',
      completes: YAML_FILES,
    },
  ],
  options: [
    { flags: '--count <number>', about: 'how many (default: 1)', parse: countOf },
    OUTSIDE_FILES_OPTION,
    {
      flags: '-o, --output <format>',
      about: 'an address on each line, or one JSON document that tells who has the others',
      choices: FORMATS,
      defaultValue: 'text',
    },
  ],
  notes: `Taken are: addresses and gateways of the files and of all VMs, running or not; what libvirt's DHCP
server and the table of neighbours have seen VMs with; the addresses of the hypervisors; where plow runs on the
hypervisor itself, all its neighbours. What could not be looked at is told. Nobody is asked over the network, so
that a machine which is off, or silent, may have an address that is told as free: plow create asks.`,
  examples: [
    'plow ip next 10.20.30.0/24',
    'plow ip next 10.20.30.50/24 vms/',
    'plow ip next 10.20.30.0/24 --count 3',
    'plow ip next --all-hosts 10.20.30.0/24 vms/',
    'plow ip next 10.20.30.0/24 --allow-outside-files web.yaml',
    `plow ip next -o json 10.20.30.0/24 | jq -r '.taken[] | [.address, .why] | @tsv'`,
  ],
  async run({ args: [, subnet, files], options, globals, environment }) {
    const places = await placesOf(globals, environment, 'the connection');
    const { runNext } = await import('./run.ts');
    await runNext({ subnet, files, count: 1, ...options }, places, environment);
    return 0;
  },
};

/** @throws PlowError (config) */
function countOf(text: string): number {
  const count = /^\d{1,4}$/u.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MOST) return count;
  throw new PlowError('config', `--count takes a number from 1 to ${MOST}, got ${quote(text)}`);
}
