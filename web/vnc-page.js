/*!
 * This file has noVNC in it, of https://github.com/novnc/noVNC, which is under the Mozilla Public License 2.0
 * (https://mozilla.org/MPL/2.0/): its source is the package @novnc/novnc of npm, unchanged.
 */
import RFB from '@novnc/novnc';

const [state, screen, text, send, break_, secret] = [
  'state',
  'screen',
  'text',
  'send',
  'break',
  'secret',
].map((id) => document.getElementById(id));
const token = new URLSearchParams(location.search).get('token');
const rfb = new RFB(screen, `ws://${location.host}/screen?token=${token}`);
rfb.scaleViewport = true;
rfb.showDotCursor = true;
const say = (words) => (state.textContent = words);
rfb.addEventListener('connect', () => {
  secret.hidden = true;
  say('');
  rfb.focus();
});
rfb.addEventListener('disconnect', () => say('The connection has ended. plow vnc --web opens another.'));
rfb.addEventListener('credentialsrequired', () => (secret.hidden = false));
rfb.addEventListener('securityfailure', ({ detail }) =>
  say(`Not let in: ${detail.reason ?? 'the password is another one'}`),
);
secret.addEventListener('keydown', ({ key }) => {
  if (key === 'Enter') rfb.sendCredentials({ password: secret.value });
});
break_.addEventListener('click', () => rfb.sendCtrlAltDel());

/* Keys of a keyboard of the United States, which is what a guest has that was told nothing else: without shift, and with. */
const KEYS = {
  Backquote: '`~',
  Minus: '-_',
  Equal: '=+',
  BracketLeft: '[{',
  BracketRight: ']}',
  Backslash: '\\|',
  Semicolon: ';:',
  Quote: '\'"',
  Comma: ',<',
  Period: '.>',
  Slash: '/?',
  Space: ' ',
  ...Object.fromEntries(
    Array.from('abcdefghijklmnopqrstuvwxyz').map((one) => [
      `Key${one.toUpperCase()}`,
      one + one.toUpperCase(),
    ]),
  ),
  ...Object.fromEntries(Array.from('1234567890').map((one, at) => [`Digit${one}`, one + '!@#$%^&*()'[at]])),
};
const SHIFT = 0xffe1;
const OTHERS = { '\n': [0xff0d, 'Enter'], '\t': [0xff09, 'Tab'] };
const MILLISECONDS = 15;
const pause = () => new Promise((resolve) => setTimeout(resolve, MILLISECONDS));

function keyOf(one) {
  if (OTHERS[one] !== undefined) return { code: OTHERS[one][1], symbol: OTHERS[one][0], shift: false };
  const [code, both] = Object.entries(KEYS).find(([, signs]) => signs.includes(one)) ?? [];
  const point = one.codePointAt(0);
  const symbol = point < 0x100 ? point : 0x01000000 + point;
  return { code, symbol, shift: both !== undefined && both.length > 1 && both[1] === one };
}

/* A guest takes a key after the other, and loses what comes too fast. */
async function type(words) {
  for (const one of words.replaceAll('\r\n', '\n')) {
    const { code, symbol, shift } = keyOf(one);
    if (shift) rfb.sendKey(SHIFT, 'ShiftLeft', true);
    rfb.sendKey(symbol, code, true);
    rfb.sendKey(symbol, code, false);
    if (shift) rfb.sendKey(SHIFT, 'ShiftLeft', false);
    await pause();
  }
}

async function typeText() {
  send.disabled = true;
  await type(text.value);
  text.value = '';
  send.disabled = false;
  rfb.focus();
}

send.addEventListener('click', () => void typeText());
