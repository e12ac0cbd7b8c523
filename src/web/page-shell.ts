/** What every page looks like, and what browsers are told about all of them. */
import type { ServerResponse } from 'node:http';
import { html } from './html.js';
import type { Html } from './html.js';

/** What stands on a page. */
export interface PageView {
  readonly title: string;
  readonly body: Html;
  /** The script that works on it, one of the assets. */
  readonly script?:
    'passkey.js' | 'break-glass.js' | 'config.js' | 'tenant-app.js' | 'vault-enrol.js' | 'vault-recovery.js';
  /** What it is about is done: it bears the green check. */
  readonly done?: true;
}

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** `assets`: where they are from this page on; relative, so that a proxy may put a prefix before all addresses. */
export const sendPage = (
  response: ServerResponse,
  status: number,
  { title, body, script, done }: PageView,
  assets = '../assets',
): void => {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Latchkey</title>
        <link rel="stylesheet" href="${assets}/style.css" />
        ${script === undefined ? '' : html`<script type="module" src="${assets}/${script}"></script>`}
      </head>
      <body class="${done === true ? 'done' : ''}">
        <main>
          <p class="brand">Latchkey</p>
          <h1 tabindex="-1">${title}</h1>
          ${body}
        </main>
      </body>
    </html> `;
  send(response, status, 'text/html; charset=utf-8', page.html);
};

export const send = (response: ServerResponse, status: number, type: string, body: string | Buffer): void => {
  response.writeHead(status, { ...HEADERS, 'content-type': type });
  response.end(body);
};
