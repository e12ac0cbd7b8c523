/** One-time pages: `/page/KIND/TOKEN` shows one and changes nothing, a POST below it acts. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { faultSentence } from '../chat/copy.js';
import type { Fault } from '../engine/faults.js';
import type { Clock } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import type { Log } from '../lib/log.js';
import { redacted } from '../lib/redacted.js';
import type { Redacted } from '../lib/redacted.js';
import type { Result } from '../lib/result.js';
import { html } from './html.js';
import { readPageBody, whyForeign } from './page-body.js';
import { send, sendPage } from './page-shell.js';
import type { PageView } from './page-shell.js';

/** One kind of page, that of the links of this kind. A fault becomes its sentence. */
export interface Page {
  readonly kind: string;
  /** For GET and HEAD, which anybody's link preview sends too: consumes nothing. */
  readonly show: (token: Redacted<string>) => Promise<Result<PageView, Fault>>;
  /** By name, for POST with JSON: what comes back is sent as JSON. */
  readonly actions: Readonly<
    Record<string, (token: Redacted<string>, body: unknown) => Promise<Result<object, Fault>>>
  >;
  /** The largest body an action takes; 64 KB unless told. */
  readonly mostBytes?: number;
}

export interface PagesParts {
  readonly pages: readonly Page[];
  /** Where browsers find us: only pages from there may act. */
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Answers every request below `/page/`. Never rejects, and logs no token. */
export type PageListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const MOST_BYTES = 64 * 1024;

const TOKEN = /^[\w-]{43}$/u;

// As many folders above src/web as above dist/web, so that one path serves both.
const WRITTEN = new URL('../../pages/', import.meta.url);
/** What scripts/build.mjs bundles for browsers. */
const BUILT = new URL('../../dist/pages/', import.meta.url);

const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

const ASSETS = {
  'style.css': { type: CSS, folder: WRITTEN },
  'page.js': { type: SCRIPT, folder: WRITTEN },
  'break-glass.js': { type: SCRIPT, folder: WRITTEN },
  'look-entries.js': { type: SCRIPT, folder: WRITTEN },
  'look-keys.js': { type: SCRIPT, folder: WRITTEN },
  'passkey-proof.js': { type: SCRIPT, folder: WRITTEN },
  'passkey.js': { type: SCRIPT, folder: WRITTEN },
  'config.js': { type: SCRIPT, folder: WRITTEN },
  'tenant-app.js': { type: SCRIPT, folder: WRITTEN },
  'vault-key.js': { type: SCRIPT, folder: WRITTEN },
  'vault-enrol.js': { type: SCRIPT, folder: WRITTEN },
  'vault-recovery.js': { type: SCRIPT, folder: WRITTEN },
  'age.js': { type: SCRIPT, folder: BUILT },
} as const;

export const createPages = ({ pages, publicUrl, clock, log }: PagesParts): PageListener => {
  const byKind = new Map(pages.map((page) => [page.kind, page]));
  const assets = readAssets();
  const { origin } = new URL(publicUrl);
  const sentence = (fault: Fault): string => faultSentence(fault, { zone: undefined, today: clock.now() });

  const show = async (page: Page | undefined, token: Redacted<string>, response: ServerResponse): Promise<void> => {
    const view = await page?.show(token);
    if (view?.ok === true) return sendPage(response, 200, view.value);
    const fault = view?.error ?? GONE;
    const title = fault.code === 'page.gone' ? 'Ask for a new link' : 'This cannot be done';
    sendPage(response, statusOf(fault), { title, body: html`<p>${sentence(fault)}</p>` });
  };

  const act = async (
    page: Page | undefined,
    { token, action }: Place,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const turnAway = (status: number, problem: string): void => {
      // What they go on sending is not read any more.
      response.setHeader('connection', 'close');
      sendJson(response, status, { problem });
    };
    const foreign = whyForeign(request, origin);
    if (foreign !== undefined) return turnAway(foreign.status, foreign.problem);
    // A stranger could send a body that takes seconds to read: only whoever has a good link is listened to.
    const open = await page?.show(token);
    if (page === undefined || open?.ok !== true) {
      const fault = open?.ok === false ? open.error : GONE;
      return turnAway(statusOf(fault), sentence(fault));
    }
    const body = await readPageBody(request, page.mostBytes ?? MOST_BYTES);
    if (!body.ok) return turnAway(body.error.status, body.error.problem);
    const work = Object.hasOwn(page.actions, action) ? page.actions[action] : undefined;
    const done = (await work?.(token, body.value)) ?? { ok: false, error: GONE };
    if (done.ok) return sendJson(response, 200, done.value);
    sendJson(response, statusOf(done.error), { problem: sentence(done.error) });
  };

  const answer = async (place: Place, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const page = TOKEN.test(place.token.reveal()) ? byKind.get(place.kind) : undefined;
    const asset = place.kind === 'assets' ? assets.get(place.token.reveal()) : undefined;
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (place.action === '' && !reads) return refuseMethod(response, 'GET, HEAD');
    if (asset !== undefined) return send(response, 200, asset.type, asset.bytes);
    if (place.action === '') return show(page, place.token, response);
    if (request.method !== 'POST') return refuseMethod(response, 'POST');
    return act(page, place, request, response);
  };

  return async (request, response) => {
    const place = placeOf(request.url ?? '');
    try {
      await answer(place, request, response);
    } catch (thrown) {
      log.error({ page: place.kind, action: place.action, ...describeError(thrown) }, 'a page failed');
      const problem = sentence({ code: 'internal', detail: 'thrown' });
      if (response.headersSent) response.destroy();
      else if (place.action !== '') sendJson(response, 500, { problem });
      else sendPage(response, 500, { title: 'That did not work', body: html`<p>${problem}</p>` });
    }
  };
};

const readAssets = () =>
  new Map(
    Object.entries(ASSETS).map(([name, { type, folder }]) => [
      name,
      { type, bytes: readFileSync(new URL(name, folder)) },
    ]),
  );

const GONE: Fault = { code: 'page.gone' };

const statusOf = (fault: Fault): number => (fault.code === 'page.gone' ? 404 : 409);

interface Place {
  readonly kind: string;
  readonly token: Redacted<string>;
  readonly action: string;
}

const placeOf = (url: string): Place => {
  const [kind = '', token = '', ...action] = (url.split('?', 1)[0] ?? '').split('/').slice(2);
  return { kind, token: redacted(token), action: action.join('/') };
};

const sendJson = (response: ServerResponse, status: number, body: object): void =>
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(body));

const refuseMethod = (response: ServerResponse, allowed: string): void => {
  response.setHeader('allow', allowed);
  send(response, 405, 'text/plain; charset=utf-8', 'Not with this method.\n');
};
