/** The pages of a look at break-glass passwords: one shows them to who may see them, one takes an approver's passkey. */
import { z } from 'zod';
import { lookApprovalCard } from '../chat/look-cards.js';
import type { Line } from '../chat/view.js';
import type { BreakGlassView } from '../engine/break-glass-view.js';
import type { Fault } from '../engine/faults.js';
import {
  beginLookConfirmation,
  CONFIRM_LOOK_PAGE,
  finishLookConfirmation,
  lookAtLookConfirmation,
} from '../flows/break-glass/confirm-look.js';
import type { ApproveLook } from '../flows/break-glass/confirm-look.js';
import { LOOK_PAGE } from '../flows/break-glass/link-look.js';
import { lookVisit, OPEN_LOOK_PAGE } from '../flows/break-glass/look-visit.js';
import type { LookVisit } from '../flows/break-glass/look-visit.js';
import { beginLook, currentLook, endLook, passForLook, takeLook } from '../flows/break-glass/take-look.js';
import type { ShownLook, TakeLookDeps } from '../flows/break-glass/take-look.js';
import { ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { html } from './html.js';
import type { PageView } from './page-shell.js';
import type { Page } from './pages.js';

export interface LookPagesParts {
  readonly deps: TakeLookDeps;
  readonly approveLook: ApproveLook;
}

const sent = z.object({ answer: z.unknown().optional(), upn: z.string().max(300).default('') });

const readSent = (body: unknown): z.infer<typeof sent> => sent.safeParse(body).data ?? { answer: undefined, upn: '' };

export const lookPages = (parts: LookPagesParts): readonly Page[] => [
  lookPage(parts),
  openLookPage(parts),
  confirmLookPage(parts),
];

/** With what is left of it: the browser's clock may be wrong. */
const timed = <T extends ShownLook>({ clock }: TakeLookDeps, shown: Result<T, Fault>): Result<object, Fault> =>
  shown.ok ? ok({ ...shown.value, leftMs: Math.max(0, shown.value.endsAt.getTime() - clock.now().getTime()) }) : shown;

const lookPage = ({ deps }: LookPagesParts): Page => ({
  kind: LOOK_PAGE,
  show: async (token) => {
    const visit = await lookVisit(deps, token, LOOK_PAGE);
    return visit.ok ? ok(lookView(visit.value)) : visit;
  },
  actions: {
    begin: (token) => beginLook(deps, token, LOOK_PAGE),
    take: async (token, body) => timed(deps, await takeLook(deps, token, readSent(body).answer)),
  },
});

/** Where the same window goes on. Whoever opens its address in another one sees nothing. */
const openLookPage = ({ deps }: LookPagesParts): Page => ({
  kind: OPEN_LOOK_PAGE,
  show: async (token) => {
    const visit = await lookVisit(deps, token, OPEN_LOOK_PAGE);
    return visit.ok
      ? ok({ title: 'Shown in another window', body: html`<p>Go back to the window that opened the link.</p>` })
      : visit;
  },
  actions: {
    begin: (token) => beginLook(deps, token, OPEN_LOOK_PAGE),
    current: async (token, body) => timed(deps, await currentLook(deps, token, readSent(body).answer)),
    pass: (token, body) => passForLook(deps, token, readSent(body).upn, readSent(body).answer),
    done: async (token) => {
      const over = await endLook(deps, token);
      return over.ok ? ok({ id: over.value.id }) : over;
    },
  },
});

const confirmLookPage = ({ deps, approveLook }: LookPagesParts): Page => ({
  kind: CONFIRM_LOOK_PAGE,
  show: async (token) => {
    const seen = await lookAtLookConfirmation(deps, token);
    return seen.ok ? ok(confirmView(seen.value.view, seen.value.person.name)) : seen;
  },
  actions: {
    begin: async (token) => {
      const options = await beginLookConfirmation(deps, token);
      return options.ok ? ok({ step: 'prove', options: options.value }) : options;
    },
    finish: async (token, body) => {
      const approved = await finishLookConfirmation(deps, token, readSent(body).answer, approveLook);
      if (!approved.ok) return approved;
      const { id, state, requesterName } = approved.value;
      const title =
        state === 'pending'
          ? `Your approval of ${id} counts; more are needed`
          : `Approved: ${requesterName} may look (${id})`;
      return ok({ done: { title, lines: ['You can close this page.'] } });
    },
  },
});

const textOf = (line: Line): string => line.map(({ text }) => text).join('');

const confirmView = (view: BreakGlassView, name: string): PageView => {
  const { title, lines } = lookApprovalCard(view, { zone: undefined, today: view.createdAt });
  const open = view.state === 'pending';
  return {
    title,
    ...(open ? { script: 'passkey.js' as const } : {}),
    body: html`<div class="facts">${lines.map((line) => html`<p>${textOf(line)}</p>`)}</div>
      ${
        open
          ? html`<p>You decide as <strong>${name}</strong>.</p>
              <button id="go" type="button">Approve with passkey</button>
              <p id="status" role="status" aria-live="polite"></p>
              <noscript><p>This page needs JavaScript: passkeys do not work without it.</p></noscript>`
          : html`<p>There is nothing left to approve here.</p>`
      }`,
  };
};

const lookView = ({ view, person, opening }: LookVisit): PageView => {
  const byPassphrase = opening.mode === 'recipients' && opening.keys.some(({ sealedBy }) => sealedBy === 'passphrase');
  return {
    title: `Break-glass passwords of ${view.tenantName}`,
    script: 'break-glass.js',
    body: html`<section id="closed">
        <div class="facts">
          <p><strong>Why:</strong> ${view.reason}</p>
          <p>${view.id} · for ${person.name}${view.emergency ? ' · a declared emergency' : ''}</p>
        </div>
        <p id="notice">
          Nothing is shown yet. Once you open them, admins are told, and the passwords are changed soon after. Not you?
          Close this page.
        </p>
        <form id="open">
          ${
            byPassphrase
              ? html`<div class="field">
                  <label for="passphrase">Passphrase of your key</label>
                  <input id="passphrase" type="password" autocomplete="off" spellcheck="false" required />
                </div>`
              : ''
          }
          <button id="go" type="submit">Show the passwords</button>
        </form>
      </section>
      <section id="shown" hidden></section>
      <p id="status" role="status" aria-live="polite"></p>
      <noscript
        ><p>This page needs JavaScript: the passwords are opened in your browser and nowhere else.</p></noscript
      >`,
  };
};
