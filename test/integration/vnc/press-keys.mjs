// A VNC viewer that presses keys, and leaves: node press-keys.mjs PORT KEYSYM...
import { once } from 'node:events';
import { connect } from 'node:net';

const [port, ...keys] = process.argv.slice(2);
const socket = connect(Number(port), '127.0.0.1');
await once(socket, 'connect');
let heard = Buffer.alloc(0);

async function read(count) {
  while (heard.length < count) heard = Buffer.concat([heard, (await once(socket, 'data'))[0]]);
  const bytes = heard.subarray(0, count);
  heard = heard.subarray(count);
  return bytes;
}

// RFC 6143, 7.1 to 7.3: no password, shared or not.
socket.write(await read(12));
const kinds = await read((await read(1))[0]);
if (!kinds.includes(1)) throw new Error('it wants a password');
socket.write(Buffer.from([1]));
if ((await read(4)).readUInt32BE() !== 0) throw new Error('it lets nobody in');
socket.write(Buffer.from([1]));
const init = await read(24);
await read(init.readUInt32BE(20));
// 7.5.4
for (const key of keys) {
  for (const down of [1, 0]) {
    const event = Buffer.from([4, down, 0, 0, 0, 0, 0, 0]);
    event.writeUInt32BE(Number(key), 4);
    socket.write(event);
  }
}
// An answer comes behind what was pressed: one picture of one dot.
socket.write(Buffer.from([3, 0, 0, 0, 0, 0, 0, 1, 0, 1]));
await read(4);
socket.end();
