import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { readConsoleLogs } from '../../libvirt-xml/read/used-files.ts';
import { CONSOLE_LOG_FILE, vmDirectory } from '../../config/vm-paths.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { readDocument } from '../read-document.ts';

/** Where the console of a VM is kept. */
export interface LogPlace {
  readonly vmName: string;
  readonly directory: string;
  /** In the directory; older parts are called after it, as virtlogd does. */
  readonly file: string;
}

/** @param storagePath where a VM without metadata would have its directory @throws PlowError (operation) */
export async function placeOfLog(domain: Domain, storagePath: string): Promise<LogPlace> {
  const { name } = domain;
  const document = await documentOf(domain);
  const [path] = readConsoleLogs(document);
  if (path === undefined) throw noLog(document, name, storagePath);
  return { vmName: name, directory: posix.dirname(path), file: posix.basename(path) };
}

/** The log of a VM that runs is where it runs with it. */
async function documentOf(domain: Domain): Promise<XmlElement> {
  const { name } = domain;
  try {
    return readDocument({ name, xml: await domain.xml('live') });
  } catch (error) {
    throw explainOfVm(error, name, `cannot look at VM '${name}'`);
  }
}

function noLog(document: XmlElement, name: string, storagePath: string): PlowError {
  if (document.first('devices', 'serial') === undefined) {
    return new PlowError('operation', `VM '${name}' has no serial port, so that there is nothing to keep`, {
      hint: `virsh edit ${shellArgument(name)} can give it one`,
    });
  }
  const directory = metadataInDomain(document)?.directory ?? vmDirectory(storagePath, name);
  const element = `<log file='${directory}/${CONSOLE_LOG_FILE}' append='on'/>`;
  const edit = `virsh edit ${shellArgument(name)}`;
  return new PlowError('operation', `the console of VM '${name}' is not kept`, {
    hint: `to keep it from the next start on, put ${element} into <serial> with ${edit}`,
  });
}
