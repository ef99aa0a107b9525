// A headless Chromium that looks at an address: what it sees, as JSON, once a key was typed and a text pasted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const [url, profile] = process.argv.slice(2);
const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
];
const browser = spawn(
  'chromium',
  [...flags, `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank'],
  { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
);
const [, , , requests, answers] = browser.stdio;
const waiting = new Map();
let heard = '';
answers.setEncoding('utf8').on('data', (piece) => {
  heard += piece;
  const messages = heard.split('\0');
  heard = messages.pop();
  for (const message of messages) {
    const { id, result, error } = JSON.parse(message);
    waiting.get(id)?.(error ?? result);
  }
});
let count = 0;

/** https://chromedevtools.github.io/devtools-protocol/ */
function ask(method, params = {}, sessionId) {
  count += 1;
  requests.write(`${JSON.stringify({ id: count, method, params, sessionId })}\0`);
  return new Promise((resolve) => waiting.set(count, resolve));
}

const { targetId } = await ask('Target.createTarget', { url });
const { sessionId } = await ask('Target.attachToTarget', { targetId, flatten: true });
const inPage = async (expression) =>
  (await ask('Runtime.evaluate', { expression, returnByValue: true }, sessionId)).result?.value;

async function until(expression) {
  for (let turn = 0; turn < 300; turn += 1) {
    if (await inPage(expression)) return true;
    await sleep(100);
  }
  return false;
}

const PAINTED = `(() => {
  const canvas = document.querySelector('#screen canvas');
  if (!canvas || canvas.width < 100) return false;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, at) => at % 4 < 3 && value > 64);
})()`;
const painted = await until(PAINTED);
await inPage(`document.querySelector('#screen canvas').focus()`);
for (const type of ['keyDown', 'keyUp']) {
  const key = { type, key: 'k', code: 'KeyK', windowsVirtualKeyCode: 75 };
  await ask('Input.dispatchKeyEvent', { ...key, ...(type === 'keyDown' ? { text: 'k' } : {}) }, sessionId);
}
await sleep(500);
await inPage(`document.querySelector('#text').focus()`);
await ask('Input.insertText', { text: 'Paste_42!\n' }, sessionId);
await inPage(`document.querySelector('#send').click()`);
const typed = await until(`document.querySelector('#text').value === ''`);
await sleep(1000);
const state = await inPage(`document.querySelector('#state').textContent`);
console.log(JSON.stringify({ painted, typed, state }));
requests.write(`${JSON.stringify({ id: 0, method: 'Browser.close' })}\0`);
await once(browser, 'exit');
