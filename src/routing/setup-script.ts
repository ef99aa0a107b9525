import type { NetworkFile } from '../config/network-file/network-file.ts';
import { NETWORK_FILE } from '../config/network-file/network-file.ts';
import { birdLines, protocolOf, TAPS_PROTOCOL } from './bird.ts';
import { hookScript } from './hook.ts';
import { isolationOf, tapRules } from './nft.ts';
import { shellQuote } from '../text/shell-quote.ts';
import { HASH_LINE } from './own.ts';
import { prefixesText } from './prefixes.ts';
import { commonFunctions, hereDocument, wholeScript } from './shell.ts';
import { sysctlConf } from './sysctl.ts';
import { PUT_FUNCTIONS } from './put.ts';
import { BIRD_FUNCTIONS } from './bird-steps.ts';

/** What a hypervisor is to be made ready for. */
export interface Setup {
  readonly network: NetworkFile;
  /** Text of the network file, where it is not the hypervisor's own already. */
  readonly text: string | undefined;
  /** Says what would be done, and does nothing. */
  readonly isDryRun: boolean;
}

/** The script that makes a hypervisor ready for routed VMs, run by root there. POSIX sh. */
export function setupScript(setup: Setup): string {
  const { network, isDryRun } = setup;
  return wholeScript(
    'Makes a hypervisor ready for routed VMs of plow. To be run by root, twice as well as once.',
    [commonFunctions(isDryRun), PUT_FUNCTIONS, BIRD_FUNCTIONS, documents(setup)],
    `isolate=${network.isolate ? 'yes' : 'no'} bgp=${network.bgp === undefined ? 'no' : 'yes'}
begin
make_documents
name_uplinks
look_at_programs
look_at_files
[ "$bgp" = no ] || look_at_bird
put_files
[ "$bgp" = no ] || put_bird
[ "$changes" != 0 ] || say 'nothing to change: all of it is there'
[ "$bgp" = no ] || look_at_protocols
look_at_old_bird
leave 0`,
  );
}

/** A shell function that writes each document into the work directory. */
function documents({ network, text }: Setup): string {
  const { bgp } = network;
  const protocols = [TAPS_PROTOCOL, ...(bgp?.neighbors ?? []).map(protocolOf)];
  return `network_file=${NETWORK_FILE} address=${shellQuote(bgp?.address ?? '')} protocols=${shellQuote(protocols.join(' '))}
has_text=${text === undefined ? 'no' : 'yes'} uplinks=${shellQuote(network.uplinks.join(' '))}
make_documents() {
${hereDocument('cat > "$work/hook"', hookScript())}
${hereDocument('cat > "$work/sysctl"', sysctlConf())}
${hereDocument('cat > "$work/rules"', tapRules(isolationOf(network)))}
${hereDocument('cat > "$work/prefixes"', prefixesText(network.prefixes))}
${text === undefined ? ':' : copyOfText(text)}
${bgp === undefined ? ':' : birdDocument(network)}
}`;
}

/** The network file with plow's mark, and what tells whether somebody has edited it since. */
function copyOfText(text: string): string {
  return `${hereDocument('cat > "$work/text"', text)}
sum=$(sha256sum < "$work/text")
{ printf '%s\\n' "$mark" ${shellQuote(HASH_LINE)}"\${sum%% *}"; cat "$work/text"; } > "$work/network"`;
}

/** A password is read where it is: it is in no script, and in no argument of a program. */
function birdDocument(network: NetworkFile): string {
  if (network.bgp === undefined) return ':';
  const pieces: string[] = [];
  let lines: string[] = [];
  const cut = (): void => {
    if (lines.length > 0) pieces.push(hereDocument('cat', lines.join('\n')));
    lines = [];
  };
  for (const line of birdLines(network, network.bgp)) {
    if (typeof line === 'string') lines.push(line);
    else {
      cut();
      pieces.push(`password_line ${shellQuote(line.passwordFile)}`);
    }
  }
  cut();
  return `(umask 077; true > "$work/bird")
{
${pieces.join('\n')}
} > "$work/bird"`;
}
