import { createHash } from 'node:crypto';
import { jsonDocument } from '../../../../documents/json-text.ts';
import { renderTable } from '../../../../terminal/table.ts';
import type { Column } from '../../../../terminal/table.ts';
import { printable } from '../../../../text/printable.ts';
import { imageDocument, listedDocument } from '../../../../views/image/document.ts';
import { imageColumns } from '../../../../views/image/table.ts';
import { listFiles } from '../../../../vm/image-store/list-images.ts';
import type { ListedFile } from '../../../../vm/image-store/list-images.ts';
import { verifyImage } from '../../../../vm/image-store/verify-image.ts';
import type { Environment } from '../../../environment.ts';
import type { BatchFormat } from '../../../run/batch/batch.ts';
import { worstOf } from '../../../run/hosts/each-host.ts';
import { lookOnHosts } from '../../../run/hosts/look.ts';
import { hostName } from '../../../run/hosts/several.ts';
import { tableLook } from '../../../run/table-look.ts';
import type { Settings } from '../../../settings/settings.ts';
import { progressFor } from '../../../run/batch/heard.ts';

/** `plow image list` of several hypervisors, in one table. @throws PlowError, Interrupted */
export async function runImageListOnHosts(
  format: BatchFormat,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const { output } = environment;
  const look = { use: 'full', forPrograms: format === 'json' } as const;
  const hosts = await lookOnHosts(all, look, environment, async (context, settings) => {
    const images = await listFiles(context);
    if (format === 'json')
      for (const one of images) output.print(jsonDocument(listedDocument(one, hostName(settings)), 'line'));
    return images;
  });
  const rows = hosts.flatMap(({ name, result = [] }) => result.map((image) => ({ ...image, host: name })));
  if (format !== 'json' && rows.length > 0) {
    const columns: readonly Column<ListedFile & { readonly host: string }>[] = [
      { title: 'HOST', text: ({ host }) => printable(host) },
      ...imageColumns(new Date()),
    ];
    const { lines } = renderTable(columns, rows, await tableLook(environment, true));
    for (const line of lines) output.print(line);
  }
  const worst = worstOf(hosts);
  if (worst !== undefined) throw worst;
  if (format !== 'json' && rows.length === 0) output.say('no images: plow image pull brings one');
}

/** `plow image verify <image...>` of several hypervisors, at the same time. @throws PlowError, Interrupted */
export async function runImageVerifyOnHosts(
  words: readonly string[],
  format: BatchFormat,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const look = { use: 'full', reaction: 'stopping', forPrograms: format === 'json' } as const;
  const hosts = await lookOnHosts(all, look, environment, async (context, settings) => {
    const progress = progressFor(format, context.progress);
    for (const word of words) {
      const { path, image } = await verifyImage(word, createHash, { ...context, progress });
      const { record } = image;
      progress.done(`${record.name}@${record.version} is as it was pulled: ${path}`);
      if (format !== 'json') continue;
      const host = hostName(settings);
      const told = { action: 'verify', host, status: 'ready', name: record.name, path, record } as const;
      environment.output.print(jsonDocument(imageDocument(told), 'line'));
    }
  });
  const worst = worstOf(hosts);
  if (worst !== undefined) throw worst;
}
