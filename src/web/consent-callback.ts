/** Where the login authority sends browsers back to while a tenant is being connected: each visit takes one step, once. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { faultSentence } from '../chat/copy.js';
import type { Reading } from '../chat/say.js';
import type { Card, Line } from '../chat/view.js';
import type { Fault } from '../engine/faults.js';
import type { Arrived, Brought } from '../flows/arrive.js';
import type { Clock } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import type { Log } from '../lib/log.js';
import { redacted } from '../lib/redacted.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { send, sendPage } from './page-shell.js';
import type { PageView } from './page-shell.js';

export interface ConsentParts {
  /** Takes the step, and tells the chat what became of it. */
  readonly arrive: (brought: Brought) => Promise<Arrived>;
  /** What the page says of a tenant that is connected. */
  readonly words: (connected: ConnectedTenant, reading: Reading) => Card;
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly log: Log;
}

type Outcome = Extract<Arrived['outcome'], { ok: true }>['value'];

type ConnectedTenant = Extract<Outcome, { kind: 'connected' }>['connected'];

type ConsentListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const COOKIE = 'latchkey_connecting';
const COOKIE_SECONDS = 600;

/** So long a page stands before it asks again. */
const AGAIN_SECONDS = 3;

/** From `/entra/consent/callback`. */
const ASSETS = '../../page/assets';

export const createConsentCallback = ({ arrive, words, publicUrl, clock, log }: ConsentParts): ConsentListener => {
  const reading = (): Reading => ({ zone: undefined, today: clock.now() });

  const refuse = (response: ServerResponse, fault: Fault): void => {
    const body = html`<p>${faultSentence(fault, reading())}</p>`;
    sendPage(response, fault.code === 'internal' ? 500 : 400, { title: 'Nothing is connected', body }, ASSETS);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { outcome } = await arrive(broughtBy(request));
    if (!outcome.ok) return refuse(response, outcome.error);
    const arrival = outcome.value;
    switch (arrival.kind) {
      case 'sign-in':
        response.setHeader('set-cookie', cookie(arrival.browser.reveal(), publicUrl));
        response.setHeader('location', arrival.url.reveal());
        return send(response, 303, 'text/plain; charset=utf-8', 'Go on to the sign-in.\n');
      case 'waiting':
        response.setHeader('refresh', `${AGAIN_SECONDS}; url=?state=${arrival.state.reveal()}`);
        return sendPage(response, 200, waitingPage(arrival.directoryId), ASSETS);
      case 'connected':
        return sendPage(response, 200, cardPage(words(arrival.connected, reading())), ASSETS);
      default:
        return arrival satisfies never;
    }
  };

  return async (request, response) => {
    // Whatever only looks ahead must not use the address up.
    if (request.method === 'HEAD' || looksAhead(request)) return send(response, 200, 'text/plain; charset=utf-8', '');
    try {
      await answer(request, response);
    } catch (thrown) {
      log.error(describeError(thrown), 'a consent could not be taken');
      if (response.headersSent) response.destroy();
      else refuse(response, { code: 'internal', detail: 'thrown' });
    }
  };
};

const looksAhead = ({ headers }: IncomingMessage): boolean =>
  [headers['sec-purpose'], headers['purpose'], headers['x-moz']].some((purpose) =>
    /prefetch|preview/iu.test(String(purpose ?? '')),
  );

const NAMES = {
  state: 'state',
  error: 'error',
  errorDescription: 'error_description',
  adminConsent: 'admin_consent',
  tenant: 'tenant',
  code: 'code',
} as const;

const broughtBy = ({ url, headers }: IncomingMessage): Brought => {
  const query = new URL(url ?? '/', 'http://latchkey').searchParams;
  const said = Object.entries(NAMES).flatMap(([field, name]) => {
    const value = query.get(name);
    return value === null ? [] : [[field, value] as const];
  });
  const browser = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]{43})(?:;|$)`, 'u').exec(headers.cookie ?? '')?.[1];
  return { ...Object.fromEntries(said), ...(browser === undefined ? {} : { browser: redacted(browser) }) };
};

/** `Lax`, because the browser comes back from another site. */
const cookie = (value: string, publicUrl: string): string =>
  `${COOKIE}=${value}; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax${publicUrl.startsWith('https:') ? '; Secure' : ''}`;

const waitingPage = (directoryId: string): PageView => ({
  title: 'Almost there',
  body: html`<p role="status">
      The consent of tenant ${directoryId} is given. Entra is still passing it on to all its parts, which takes up to a
      minute.
    </p>
    <p>This page asks again every few seconds by itself. Nothing is left to do.</p>`,
});

const cardPage = ({ title, lines, facts = [] }: Card): PageView => ({
  title,
  done: true,
  body: html`<dl class="facts">
      ${facts.map(
        ({ label, value }) =>
          html`<dt>${label}</dt>
            <dd>${lineHtml(value)}</dd>`,
      )}
    </dl>
    ${lines.map((line) => html`<p>${lineHtml(line)}</p>`)}
    <p>The chat says the same. You can close this page.</p>`,
});

const lineHtml = (line: Line): readonly Html[] =>
  line.map(({ text, code, strong }) => {
    if (code === true) return html`<code>${text}</code>`;
    return strong === true ? html`<strong>${text}</strong>` : html`${text}`;
  });
