import SCRIPT from 'plow:vnc-page';
import { printable } from '../../../text/printable.ts';
import type { WebFiles } from '../../../this-machine/screen/web/web.ts';

const STYLE = `html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; background: #222; color: #ddd; font: 14px sans-serif; }
header { display: flex; gap: 8px; padding: 4px 8px; align-items: center; }
header textarea { flex: 1; height: 1.4em; }
#screen { flex: 1; min-height: 0; }`;

/** What a browser is given. @param name of the VM */
export function webFiles(name: string, token: string): WebFiles {
  const title = escaped(printable(name));
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/page.css?token=${token}"></head>
<body><header><strong>${title}</strong><span id="state">connecting</span>
<input id="secret" type="password" placeholder="password" hidden>
<textarea id="text" placeholder="paste a text here, to be typed on the keyboard of the VM (US layout)"></textarea>
<button id="send">Type it</button><button id="break">Ctrl-Alt-Del</button></header>
<div id="screen"></div>
<script type="module" src="/page.js?token=${token}"></script></body></html>
`;
  return {
    '/': { type: 'text/html', text: page },
    '/page.css': { type: 'text/css', text: STYLE },
    '/page.js': { type: 'text/javascript', text: SCRIPT },
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
