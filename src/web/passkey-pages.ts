/** The two pages of the second factor: one makes a passkey, the other approves by one. */
import { z } from 'zod';
import type { Card, Line, Span } from '../chat/view.js';
import type { Person } from '../engine/person.js';
import type { AccessRequest } from '../engine/request.js';
import { beginConfirmation, CONFIRM_PAGE, finishConfirmation, lookAtConfirmation } from '../flows/passkey-confirm.js';
import type { Approve, ConfirmDeps } from '../flows/passkey-confirm.js';
import { beginEnrolment, continueEnrolment, ENROL_PAGE, lookAtEnrolment } from '../flows/passkey-enrol.js';
import { ok } from '../lib/result.js';
import { html } from './html.js';
import type { Html } from './html.js';
import type { PageView } from './page-shell.js';
import type { Page } from './pages.js';

/** What a page says of a request: words are made where all others are. */
export type Words = Pick<Card, 'title' | 'lines'>;

export interface PasskeyPagesParts {
  readonly deps: ConfirmDeps;
  readonly approve: Approve;
  readonly wordsBefore: (request: AccessRequest, approver: Person) => Words;
  readonly wordsAfter: (request: AccessRequest) => Words;
}

/** What the script sends back of the browser's answer. */
const sent = z.object({ answer: z.unknown(), name: z.string().max(200).default('') });

export const passkeyPages = (parts: PasskeyPagesParts): readonly Page[] => [enrolPage(parts), confirmPage(parts)];

const enrolPage = ({ deps }: PasskeyPagesParts): Page => ({
  kind: ENROL_PAGE,
  show: async (token) => {
    const seen = await lookAtEnrolment(deps, token);
    return seen.ok ? ok(enrolView(seen.value.person, seen.value.passkeys.length)) : seen;
  },
  actions: {
    begin: (token) => beginEnrolment(deps, token),
    finish: async (token, body) => {
      const { answer, name } = readSent(body);
      const next = await continueEnrolment(deps, token, answer, name);
      if (!next.ok || 'step' in next.value) return next;
      return ok(done('Passkey created', [`It is called ${next.value.name}. You can close this page.`]));
    },
  },
});

const confirmPage = ({ deps, approve, wordsBefore, wordsAfter }: PasskeyPagesParts): Page => ({
  kind: CONFIRM_PAGE,
  show: async (token) => {
    const seen = await lookAtConfirmation(deps, token);
    if (!seen.ok) return seen;
    const { request, person } = seen.value;
    return ok(confirmView(wordsBefore(request, person), person, request.state === 'pending'));
  },
  actions: {
    begin: async (token) => {
      const options = await beginConfirmation(deps, token);
      return options.ok ? ok({ step: 'prove', options: options.value }) : options;
    },
    finish: async (token, body) => {
      const approved = await finishConfirmation(deps, token, readSent(body).answer, approve);
      if (!approved.ok) return approved;
      const { title, lines } = wordsAfter(approved.value);
      return ok(done(title, [...lines.map(textOf), 'You can close this page.']));
    },
  },
});

const readSent = (body: unknown): z.infer<typeof sent> => sent.safeParse(body).data ?? { answer: undefined, name: '' };

/** The end of a ceremony, as the script shows it. */
const done = (title: string, lines: readonly string[]) => ({ done: { title, lines } });

const enrolView = ({ name }: Person, others: number): PageView => ({
  title: 'Create a passkey',
  script: 'passkey.js',
  body: html`<p>
      For <strong>${name}</strong>. With it you confirm approvals that need more than a click in the chat. Not you?
      Close this page.
    </p>
    ${others === 0 ? '' : html`<p>First you are asked for a passkey that you already have, then for the new one.</p>`}
    <div class="field">
      <label for="name">Name, to tell it from others</label>
      <input id="name" maxlength="40" autocomplete="off" value="My passkey" />
    </div>
    ${action(others === 0 ? 'Create passkey' : 'Continue')}`,
});

const confirmView = ({ title, lines }: Words, { name }: Person, open: boolean): PageView => ({
  title,
  ...(open ? { script: 'passkey.js' } : {}),
  body: html`<div class="facts">${lines.map((line) => html`<p>${line.map(run)}</p>`)}</div>
    ${
      open
        ? html`<p>You decide as <strong>${name}</strong>.</p>
            ${action('Approve with passkey')}`
        : html`<p>There is nothing left to approve here.</p>`
    }`,
});

const action = (label: string): Html =>
  html`<button id="go" type="button">${label}</button>
    <p id="status" role="status" aria-live="polite"></p>
    <noscript><p>This page needs JavaScript: passkeys do not work without it.</p></noscript>`;

const run = ({ text, strong, code }: Span): Html => {
  if (strong === true) return html`<strong>${text}</strong>`;
  return code === true ? html`<code>${text}</code>` : html`${text}`;
};

const textOf = (line: Line): string => line.map(({ text }) => text).join('');
