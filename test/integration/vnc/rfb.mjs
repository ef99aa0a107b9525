// rfb.mjs PORT|PATH [PASSWORD]: logs in to a screen as a viewer does. Prints "open", "in" or "refused".
import { createCipheriv } from 'node:crypto';
import { connect } from 'node:net';

const [where, password] = process.argv.slice(2);
const socket = connect(/^\d+$/u.test(where) ? { port: Number(where), host: '127.0.0.1' } : { path: where });
const bytes = socket[Symbol.asyncIterator]();
let heard = Buffer.alloc(0);

async function take(length) {
  while (heard.length < length) {
    const { value, done } = await bytes.next();
    if (done) return undefined;
    heard = Buffer.concat([heard, value]);
  }
  const taken = heard.subarray(0, length);
  heard = heard.subarray(length);
  return taken;
}

/** Each byte of the key is read from its other end. RFC 6143, 7.2.2. Three times the same is DES once. */
function answerTo(challenge) {
  const key = Buffer.alloc(8);
  key.write(password.slice(0, 8), 'latin1');
  const turned = key.map((byte) =>
    parseInt(byte.toString(2).padStart(8, '0').split('').toReversed().join(''), 2),
  );
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([turned, turned, turned]), null);
  return cipher.setAutoPadding(false).update(challenge);
}

async function login() {
  await take(12);
  socket.write('RFB 003.008\n');
  const [count] = await take(1);
  const kinds = [...(await take(count))];
  const wanted = password === undefined ? 1 : 2;
  if (!kinds.includes(wanted)) return `offers ${kinds.join()}`;
  socket.write(Buffer.from([wanted]));
  if (wanted === 2) socket.write(answerTo(await take(16)));
  const result = await take(4);
  if (result === undefined || result.readUInt32BE() !== 0) return 'refused';
  socket.write(Buffer.from([1]));
  const screen = await take(24);
  return screen === undefined ? 'refused' : wanted === 1 ? 'open' : 'in';
}

process.stdout.write(`${await login()}\n`);
process.exit();
