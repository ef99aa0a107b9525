// web-server.mjs DIRECTORY PORT: serves files on loopback of a lab host, with ranges and ETags. A name may begin
// with a fault: /cut-N/FILE breaks the line after N bytes, once; /broken-N/FILE always, and knows no ranges;
// /held-N/FILE sends nothing more after N bytes, and says so; /slow-N/FILE waits N ms after each piece;
// /page/FILE gives a page in its place.
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

async function* slowly(chunks, milliseconds) {
  for await (const chunk of chunks) {
    yield chunk;
    await sleep(milliseconds);
  }
}

const [directory, port] = process.argv.slice(2);
const cut = new Set();

const server = createServer((request, response) => {
  console.log(request.method, request.url);
  const [, fault = '', bytes = '0', name = ''] =
    /^(?:\/(cut|broken|held|page|slow)(?:-(\d+))?)?\/([\w.-]+)$/u.exec(request.url) ?? [];
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
      ...(fault === 'broken' ? {} : { etag }),
      'accept-ranges': 'bytes',
      ...(from > 0 ? { 'content-range': `bytes ${from}-${size - 1}/${size}` } : {}),
    });
    const breaks = fault === 'broken' || (fault === 'cut' && !cut.has(request.url));
    cut.add(request.url);
    const stops = breaks || fault === 'held';
    const end = () => {
      if (breaks) setTimeout(() => response.destroy(), 50);
      else if (stops) console.log(`held ${request.url}`);
    };
    if (stops && bytes === '0') {
      response.flushHeaders();
      end();
      return;
    }
    const stream = createReadStream(file, { start: from, ...(stops ? { end: Number(bytes) - 1 } : {}) });
    const served = fault === 'slow' ? Readable.from(slowly(stream, Number(bytes))) : stream;
    served.pipe(response, { end: !stops });
    stream.on('end', end);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(Number(port), '127.0.0.1', () => console.log('ready', server.address().port));
