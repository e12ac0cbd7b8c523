import { IANAZone } from 'luxon';
import { z } from 'zod';
import { stands } from '../chat/form-values.js';
import type { FormValues, Intent, Speaker } from '../chat/speaker.js';
import { identityOf } from '../chat/speaker.js';
import type { Address, Identity } from '../engine/person.js';
import type { MessageRef } from '../flows/ports.js';
import { isDirect, type IncomingActivity } from './activity.js';
import type { Profile } from './profile.js';

export const conversationOf = ({ conversation, serviceUrl }: IncomingActivity): Address => ({
  platform: 'teams',
  conversation: conversation.id,
  serviceUrl,
});

const zoneOf = ({ localTimezone, entities }: IncomingActivity): string | undefined => {
  const candidates = [localTimezone, ...(entities ?? []).map(({ timezone }) => timezone)];
  return candidates.find((zone): zone is string => typeof zone === 'string' && IANAZone.isValidZone(zone));
};

const toIdentity = (activity: IncomingActivity, user: string, profile: Profile): Identity => {
  const zone = zoneOf(activity);
  return identityOf(user, {
    platform: 'teams',
    name: activity.from.name || profile.name || profile.email || `Teams user ${user.slice(0, 8)}`,
    ...(profile.email === undefined ? {} : { email: profile.email }),
    ...(zone === undefined ? {} : { zone }),
    ...(isDirect(activity) ? { address: conversationOf(activity) } : {}),
  });
};

/** `undefined`: Teams does not say which Entra user it is, and nobody else can. */
export const speakerOf = (activity: IncomingActivity, profile: Profile): Speaker | undefined => {
  const user = activity.from.aadObjectId;
  if (user === undefined || user === null) return undefined;
  return {
    identity: toIdentity(activity, user, profile),
    direct: isDirect(activity),
    conversation: conversationOf(activity),
  };
};

const text = z.string().nullish();

/** What a button sends: its id, and whatever the inputs of its card hold. Several choices come as one text, with commas. */
const Inputs = z.looseObject({ verb: text, id: text, note: text, form: text, lists: text, marks: text });

type Inputs = z.infer<typeof Inputs>;

const ExecuteValue = z.looseObject({
  action: z.looseObject({ verb: z.string(), data: Inputs.nullish() }),
  trigger: z.string().nullish(),
});

const RESERVED: ReadonlySet<string> = new Set(Object.keys(Inputs.shape).filter((key) => key !== 'note'));

const Marks = z.record(z.string(), z.string());

const marksIn = (marks: string | null | undefined): ReadonlyMap<string, string> => {
  try {
    return new Map(Object.entries(Marks.safeParse(JSON.parse(marks ?? '{}')).data ?? {}));
  } catch {
    // Not a form of ours: nothing in it hangs on anything.
    return new Map();
  }
};

/** What was entered, but for what hangs on a choice that has since been changed. */
const formValues = (inputs: Inputs): FormValues => {
  const lists = new Set((inputs.lists ?? '').split(','));
  const entries = Object.entries(inputs).flatMap(([field, value]): [string, string | readonly string[]][] => {
    if (typeof value !== 'string' || RESERVED.has(field)) return [];
    if (lists.has(field)) return [[field, value.split(',').filter((choice) => choice !== '')]];
    return value.trim() === '' ? [] : [[field, value.trim()]];
  });
  const all = Object.fromEntries(entries);
  const marks = marksIn(inputs.marks);
  return Object.fromEntries(entries.filter(([field]) => stands(marks.get(field) ?? '', all)));
};

/** The message that carries the button. */
const sourceOf = (activity: IncomingActivity): { readonly source?: MessageRef } =>
  activity.replyToId === undefined || activity.replyToId === null || activity.replyToId === ''
    ? {}
    : { source: { address: conversationOf(activity), message: activity.replyToId } };

const clickIntent = (activity: IncomingActivity, verb: string, inputs: Inputs): Intent => {
  const id = inputs.id ?? '';
  const source = sourceOf(activity);
  if (verb === 'form-submit' || verb === 'form-refresh') {
    return {
      kind: 'form',
      form: inputs.form ?? '',
      id,
      values: formValues(inputs),
      submit: verb === 'form-submit',
      ...source,
    };
  }
  const note = inputs.note?.trim() ?? '';
  return { kind: 'button', verb, id, ...(note === '' ? {} : { note }), ...source };
};

/**
 * A click on a button of a card, or a client's own request for a fresh card; `undefined`: neither. The library drops
 * what tells the two apart, so the activity itself is read.
 */
export const invokeIntent = (activity: IncomingActivity): Intent | 'refresh' | undefined => {
  const value = ExecuteValue.safeParse(activity.value).data;
  if (value === undefined) return undefined;
  if (value.trigger === 'automatic') return 'refresh';
  return clickIntent(activity, value.action.verb, value.action.data ?? {});
};

/** A click from a client that does not know Action.Execute comes as a message without text. */
export const submitIntent = (activity: IncomingActivity): Intent | undefined => {
  const inputs = Inputs.safeParse(activity.value).data;
  return typeof inputs?.verb === 'string' ? clickIntent(activity, inputs.verb, inputs) : undefined;
};
