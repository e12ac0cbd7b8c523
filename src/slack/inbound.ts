import type { BlockAction, SlashCommand, ViewSubmitAction } from '@slack/bolt';
import type { Answer } from '../chat/answer.js';
import { stands } from '../chat/form-values.js';
import type { FormIntent, FormValues, Intent } from '../chat/speaker.js';
import type { Address } from '../engine/person.js';
import type { MessageRef } from '../flows/ports.js';
import { verbOf } from './render-buttons.js';
import { formNamed, markIn } from './render-form.js';
import { typedText } from './text.js';

/** Who a payload says is speaking, and where. Its signature vouches for it. */
export interface Caller {
  readonly user: string;
  readonly name?: string;
  /** Absent in a modal, which hangs in no conversation. */
  readonly channel?: string;
}

/** Puts somebody's intent to the conversation. Never throws. */
export type Ask = (caller: Caller, intent: Intent) => Promise<Answer>;

export const isDirect = (caller: Caller): boolean => caller.channel === undefined || caller.channel.startsWith('D');

/** A 1:1 chat is named by the person: a command may also be typed where the bot cannot write. */
export const conversationOf = (caller: Caller): Address => ({
  platform: 'slack',
  conversation: isDirect(caller) || caller.channel === undefined ? caller.user : caller.channel,
});

export const commandCaller = (command: SlashCommand): Caller => ({
  user: command.user_id,
  name: command.user_name,
  channel: command.channel_id,
});

export const clickCaller = (body: BlockAction): Caller => ({
  user: body.user.id,
  name: body.user.name ?? body.user.username,
  ...(body.channel && { channel: body.channel.id }),
});

export const submitCaller = (body: ViewSubmitAction): Caller => ({ user: body.user.id, name: body.user.name });

/** A message that somebody typed to the bot in their 1:1 chat. */
export interface TypedMessage {
  readonly user: string;
  readonly channel: string;
  readonly text: string;
}

/** `undefined`: not a person's words to the bot but an edit, a file notice, another bot, the bot itself. */
export const typedMessage = (event: object): TypedMessage | undefined => {
  const { channel_type: place, subtype, bot_id: bot, user, channel, text } = event as Record<string, unknown>;
  if (place !== 'im' || subtype !== undefined || bot !== undefined) return undefined;
  return typeof user === 'string' && typeof channel === 'string' && typeof text === 'string'
    ? { user, channel, text }
    : undefined;
};

export const commandIntent = (text: string): Intent => ({ kind: 'command', text: typedText(text).trim() });

export const clickIntent = (body: BlockAction, actionId: string, value: string | undefined): Intent => {
  const source = clickedMessage(body);
  return { kind: 'button', verb: verbOf(actionId), id: value ?? '', ...(source && { source }) };
};

/** The message that carries the button, where the bot can change it: an ephemeral one it cannot. */
export const clickedMessage = (body: BlockAction): MessageRef | undefined =>
  body.channel === undefined || body.message === undefined || isEphemeral(body)
    ? undefined
    : { address: { platform: 'slack', conversation: body.channel.id }, message: body.message.ts };

export const isEphemeral = (body: BlockAction): boolean => body.container['is_ephemeral'] === true;

type State = ViewSubmitAction['view']['state'];
type Entry = State['values'][string][string];

/** A window as Slack sends it along with what was entered in it. */
interface FilledWindow {
  readonly callback_id: string;
  readonly private_metadata: string;
  readonly state: State;
}

/** `undefined`: the window is no form. */
export const formIntent = (window: FilledWindow, submit: boolean): FormIntent | undefined => {
  const form = formNamed(window.callback_id);
  if (form === undefined) return undefined;
  return { kind: 'form', form, id: window.private_metadata, values: valuesIn(window.state), submit };
};

/** What was entered, but for what hangs on a choice that has since been changed. */
const valuesIn = ({ values }: State): FormValues => {
  const entries = Object.entries(values).flatMap(([block, inputs]) =>
    Object.entries(inputs).flatMap(([field, entry]) => {
      const value = valueOf(entry);
      return value === undefined ? [] : [{ block, field, value }];
    }),
  );
  const all = Object.fromEntries(entries.map(({ field, value }) => [field, value]));
  const standing = entries.filter(({ block }) => stands(markIn(block), all));
  return Object.fromEntries(standing.map(({ field, value }) => [field, value]));
};

const valueOf = ({ selected_options: several, selected_option: one, value }: Entry): FormValues[string] | undefined =>
  several?.map((option) => option.value) ?? (one?.value || value || undefined);
