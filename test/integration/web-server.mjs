// web-server.mjs DIRECTORY PORT: serves files on loopback of a lab host, with ranges and ETags. A name may begin
// with a fault: /cut-N/FILE breaks the line after N bytes, once; /page/FILE gives a page in its place.
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [directory, port] = process.argv.slice(2);
const cut = new Set();

createServer((request, response) => {
  const [, fault = '', bytes = '0', name = ''] =
    /^(?:\/(cut|page)(?:-(\d+))?)?\/([\w.-]+)$/u.exec(request.url) ?? [];
  if (fault === 'page') {
    response.end('<!DOCTYPE html><html><body>please sign in</body></html>');
    return;
  }
  const file = join(directory, name);
  try {
    const { size } = statSync(file);
    const etag = `"${createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)}"`;
    const from = Number(/^bytes=(\d+)-$/u.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': size - from,
      etag,
      'accept-ranges': 'bytes',
      ...(from > 0 ? { 'content-range': `bytes ${from}-${size - 1}/${size}` } : {}),
    });
    const breaks = fault === 'cut' && !cut.has(request.url);
    cut.add(request.url);
    const end = breaks ? Number(bytes) - 1 : undefined;
    const stream = createReadStream(file, { start: from, ...(end === undefined ? {} : { end }) });
    stream.pipe(response, { end: !breaks });
    if (breaks) stream.on('end', () => setTimeout(() => response.destroy(), 50));
  } catch {
    response.writeHead(404).end();
  }
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
