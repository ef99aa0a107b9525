// slow-socket.mjs SOCKET MILLISECONDS: a Unix socket that leads to libvirtd over a line with that round trip
// time, and says "ready" when it is there. Each way takes half of it; what is sent meanwhile is under way at
// the same time, as on a real line.
import { createConnection, createServer } from 'node:net';

const [socket, milliseconds] = process.argv.slice(2);

function delay(from, to) {
  from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), Number(milliseconds) / 2));
  from.on('end', () => setTimeout(() => to.end(), Number(milliseconds) / 2));
  from.on('error', () => to.destroy());
}

createServer({ allowHalfOpen: true }, (client) => {
  const server = createConnection({ path: '/run/libvirt/libvirt-sock', allowHalfOpen: true });
  delay(client, server);
  delay(server, client);
}).listen(socket, () => console.log('ready'));
