import type {
  BlockAction,
  SlackOptionsMiddlewareArgs,
  SlackViewMiddlewareArgs,
  types,
  ViewSubmitAction,
} from '@slack/bolt';
import type { Answer } from '../chat/answer.js';
import type { Card, Choice } from '../chat/view.js';
import { SECOND } from '../lib/clock.js';
import { within } from '../lib/deadline.js';
import { ONE_MOMENT } from './copy.js';
import { viewOf } from './deliver.js';
import { clickCaller, formIntent, submitCaller } from './inbound.js';
import type { Ask } from './inbound.js';
import { LIMITS } from './limits.js';
import type { Modals } from './modals.js';
import { optionsOf } from './render-form.js';
import { renderModal } from './render.js';

const ACK_MS = 2 * SECOND;

/** The forms that live in modals: `cards/form.slack.json`. */
export interface Forms {
  /** Something was chosen in a form: what may be chosen next, and what will follow, may have changed. */
  refresh(body: BlockAction): Promise<void>;
  submit(args: SlackViewMiddlewareArgs<ViewSubmitAction>): Promise<void>;
  /** Somebody searches a list that is longer than Slack takes. */
  suggest(args: SlackOptionsMiddlewareArgs<'block_suggestion'>): Promise<void>;
}

/** `write` sends a card to the 1:1 chat: a submitted form hangs in no conversation. */
export const createForms = (ask: Ask, modals: Modals, write: (user: string, card: Card) => Promise<void>): Forms => {
  // Choices come quicker than answers: only the latest may fill the form.
  const latest = new Map<string, symbol>();

  return {
    refresh: async (body) => {
      const { view } = body;
      const intent = view && formIntent(view, false);
      if (view === undefined || intent === undefined) return;
      const turn = Symbol(view.id);
      latest.set(view.id, turn);
      const answer = await ask(clickCaller(body), intent);
      if (latest.get(view.id) !== turn) return;
      latest.delete(view.id);
      if (answer.kind !== 'nothing') await modals.update(view.id, answer.view);
    },

    submit: async ({ ack, body, view }) => {
      latest.delete(view.id);
      const intent = formIntent(view, true);
      if (intent === undefined) return ack();
      const asked = ask(submitCaller(body), intent);
      const quick = await within(asked, ACK_MS);
      if (quick === undefined) {
        await ack({ response_action: 'update', view: renderModal(ONE_MOMENT) });
        await modals.update(view.id, viewOf(await asked));
      } else if (staysOpen(quick)) {
        await ack({ response_action: 'update', view: renderModal(viewOf(quick)) });
      } else {
        await ack();
        if (quick.kind === 'show' && quick.view.kind === 'card') await write(body.user.id, quick.view);
      }
    },

    suggest: async ({ ack, body }) => {
      const { view, user, action_id: field, value: typed } = body;
      const intent = view === undefined ? undefined : formIntent(view, false);
      const asked = intent === undefined ? undefined : ask({ user: user.id, name: user.name }, intent);
      // Late is worth nothing here: the next letter asks again.
      const answer = asked === undefined ? undefined : await within(asked, ACK_MS);
      await ack({ options: answer === undefined ? [] : found(answer, field, typed) });
    },
  };
};

/** What the form, drawn once more, offers in a field for the words typed so far. */
const found = (answer: Answer, name: string, typed: string): types.PlainTextOption[] => {
  const form = answer.kind !== 'nothing' && answer.view.kind === 'form' ? answer.view : undefined;
  const field = form?.fields.find((candidate) => candidate.name === name);
  const choices = field !== undefined && 'choices' in field ? field.choices : [];
  return optionsOf(choices.filter(matching(typed))).slice(0, LIMITS.options);
};

const matching = (typed: string) => {
  const words = typed.toLowerCase().split(/\s+/u);
  return ({ label }: Choice): boolean => words.every((word) => label.toLowerCase().includes(word));
};

/** A refusal is read where the words were typed. */
const staysOpen = (answer: Answer): boolean =>
  answer.kind === 'show' && (answer.tone === 'refusal' || answer.view.kind !== 'card');
