/** `/jit break-glass`, and what is said and clicked about looks at break-glass passwords. */
import type { Fault } from '../engine/faults.js';
import { viewId } from '../engine/ids.js';
import type { ViewId } from '../engine/ids.js';
import { askToLook, cancelLook } from '../flows/break-glass/ask-look.js';
import { offerLookConfirmation } from '../flows/break-glass/confirm-look.js';
import { judgeLook } from '../flows/break-glass/judge-look.js';
import { lookToOpen } from '../flows/break-glass/link-look.js';
import { sendAnotherLink, tellLook } from '../flows/break-glass/tell-look.js';
import type { Answer } from './answer.js';
import { card, nothing, refuse, show } from './answers.js';
import type { Command } from './command.js';
import { cleaned, LONGEST_REASON, shortened } from './asking.js';
import { faultSentence } from './copy.js';
import { denyForm } from './deny-form.js';
import type { ChatDeps, Turn } from './deps.js';
import { lookDrawing } from './look-cards.js';
import { showLook } from './look-list.js';
import type { LookOptions } from './look-options.js';
import { line, sayList } from './say.js';
import { pageCard, sendAlone } from './second-factor.js';
import { tenantMeant } from './tenant-meant.js';

/** `V-7K2M`, and nothing else: a request may be typed without its letter, a look may not. */
export const lookMeant = (typed: string): ViewId | undefined => {
  const [, bare] = /^v-([0-9a-z]{4,12})$/iu.exec(shortened(typed)) ?? [];
  if (bare === undefined) return undefined;
  return viewId(`V-${bare.toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/gu, '1')}`);
};

/** What a command about `V-…` does; `undefined`: it is about something else. */
export const performOnLook = (deps: ChatDeps, turn: Turn, command: Command): Promise<Answer> | undefined => {
  const id = 'id' in command ? lookMeant(command.id) : undefined;
  if (id === undefined) return undefined;
  switch (command.name) {
    case 'approve':
    case 'deny':
      return decideOnLook(deps, turn, { verdict: command.name, id, said: command.note, clicked: false });
    case 'reveal':
      return sendLookLink(deps, turn, id);
    case 'cancel':
      return withdrawLook(deps, turn, id, false);
    case 'status':
      return showLook(deps, turn, id);
    default:
      return undefined;
  }
};

export const askForLook = async (
  deps: ChatDeps,
  turn: Turn,
  tenantName: string,
  { reason: said = '', name, emergency, accessPass }: LookOptions,
): Promise<Answer> => {
  const reason = cleaned(said);
  if (reason === '') return refuse({ code: 'reason.missing' }, turn.reading);
  if (reason.length > LONGEST_REASON) {
    return refuse(
      { code: 'text.too-long', field: 'reason', length: reason.length, most: LONGEST_REASON },
      turn.reading,
    );
  }
  const tenant = await tenantMeant(deps, turn.person, tenantName);
  if (!tenant.ok) return refuse(tenant.error, turn.reading);
  const wish = { tenant: tenant.value, reason, emergency, accessPass, ...(name === undefined ? {} : { name }) };
  const view = await askToLook(deps, turn.person, turn.on, wish);
  if (!view.ok) return refuse(view.error, turn.reading);
  const { id, asked } = view.value;
  if (!emergency) return show(card(`Asked as ${id}: ${sayList(asked.map((one) => one.name))} can agree`));
  // Everybody hears of it before the link is given; both in one go, and now.
  await tellLook({ ...deps, lookDrawing }, id);
  return show(
    card(`Emergency declared as ${id}: every admin and owner is told`, [
      line('The link comes in our own chat as soon as the first of them has been reached.'),
    ]),
  );
};

export interface LookDecision {
  readonly verdict: 'approve' | 'deny';
  readonly id: ViewId;
  readonly said: string | undefined;
  readonly clicked: boolean;
}

/** `/jit approve V-…` and `/jit deny V-…`, and the buttons that say the same. */
export const decideOnLook = async (
  deps: ChatDeps,
  turn: Turn,
  { verdict, id, said, clicked }: LookDecision,
): Promise<Answer> => {
  const note = cleaned(said ?? '');
  if (note.length > LONGEST_REASON) {
    return refuse({ code: 'text.too-long', field: 'note', length: note.length, most: LONGEST_REASON }, turn.reading);
  }
  if (verdict === 'deny' && note === '') {
    const fault: Fault = {
      code: 'command.usage',
      problem: 'Say why, so that they know what to change.',
      topic: 'deny',
    };
    return { kind: 'show', view: denyForm(id, faultSentence(fault, turn.reading)), tone: 'refusal', fault };
  }
  const judged = await judgeLook(deps, turn.person, turn.on, id, { verdict, ...(note === '' ? {} : { note }) });
  if (!judged.ok) {
    return judged.error.code === 'view.second-factor' ? proveFirst(deps, turn, id) : refuse(judged.error, turn.reading);
  }
  if (clicked) return nothing;
  const { state, requesterName } = judged.value;
  if (state === 'pending') return show(card(`Your word on ${id} counts; more are needed`));
  return show(
    card(
      verdict === 'deny'
        ? `Denied: ${requesterName} is told why (${id})`
        : `Approved: ${requesterName} may look (${id})`,
    ),
  );
};

const proveFirst = async (deps: ChatDeps, turn: Turn, id: ViewId): Promise<Answer> => {
  const offered = await offerLookConfirmation(deps, turn.person, turn.on, id);
  if (!offered.ok) return refuse(offered.error, turn.reading);
  const view = pageCard(turn, offered.value, {
    title: `Approving ${id} needs your passkey`,
    label: `Confirm ${id}`,
    text: 'The page shows what you approve and asks for your passkey. Nothing is approved before that.',
  });
  return turn.on === 'slack' ? show(view) : sendAlone(deps, turn, view);
};

/** One more link, for whoever let the last one run out. */
export const sendLookLink = async (deps: ChatDeps, turn: Turn, id: ViewId): Promise<Answer> => {
  const view = await lookToOpen(deps, turn.person, id);
  if (!view.ok) return refuse(view.error, turn.reading);
  if (!(await sendAnotherLink({ ...deps, lookDrawing }, view.value)))
    return refuse({ code: 'direct-only' }, turn.reading);
  return show(card(`A new link to ${id} is in our own chat`));
};

export const withdrawLook = async (deps: ChatDeps, turn: Turn, id: ViewId, clicked: boolean): Promise<Answer> => {
  const view = await cancelLook(deps, turn.person, id);
  if (!view.ok) return refuse(view.error, turn.reading);
  return clicked ? nothing : show(card(`${id} is withdrawn`));
};
