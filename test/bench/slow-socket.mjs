// slow-socket.mjs MILLISECONDS PLACE=TARGET...: lines with that round trip time, and "ready" when they are
// there. A place or target is a Unix socket, a port of this machine, or ADDRESS:PORT. Each way takes half of
// the time; what is sent meanwhile is under way at the same time, as on a real line. With "cut" in place of
// the time a line falls silent for good, without an end, once a libvirt is asked for its list of domains.
import { createConnection, createServer } from 'node:net';

/** remote_procedure of libvirt's remote protocol, and where it stands in a message (virnetmessage.h). */
const CONNECT_LIST_ALL_DOMAINS = 273;
const PROCEDURE_AT = 12;

const [time, ...lines] = process.argv.slice(2);
const isCut = time === 'cut';
const half = isCut ? 0 : Number(time) / 2;

/** @param passes whether a piece goes through */
function carry(from, to, passes) {
  from.on('data', (chunk) => {
    if (passes(chunk)) setTimeout(() => to.writable && to.write(chunk), half);
  });
  from.on('end', () => setTimeout(() => to.end(), half));
  from.on('error', () => to.destroy());
}

function address(place) {
  const [, host, port] = /^(?:(.*):)?(\d+)$/u.exec(place) ?? [];
  return port === undefined ? { path: place } : { host: host ?? '127.0.0.1', port: Number(port) };
}

function serve(place, target) {
  return new Promise((resolve) => {
    const server = createServer({ allowHalfOpen: true }, (client) => {
      const upstream = createConnection({ ...address(target), allowHalfOpen: true });
      let isSilent = false;
      carry(client, upstream, (chunk) => {
        // libvirt sends one call after the other until its list is there, so a piece is one message.
        isSilent ||=
          isCut &&
          chunk.length >= PROCEDURE_AT + 4 &&
          chunk.readUInt32BE(PROCEDURE_AT) === CONNECT_LIST_ALL_DOMAINS;
        return !isSilent;
      });
      carry(upstream, client, () => !isSilent);
    });
    server.listen(address(place), resolve);
  });
}

await Promise.all(lines.map((line) => serve(...line.split('='))));
console.log('ready');
